import numpy as np
import pytest

from imbalance.methods.combined_sampling import CombinedSampling
from imbalance.methods.parts.samplers import Combined
from tests.methods.contract import Promise, training_of

PROMISES = [
    Promise(dict(start="initial"), (24, 24, 24), epochs=5),  # sqrt(60 * 10) = 24.5
    Promise(dict(start="initial", sampler=Combined(target=30)), (30, 30, 30)),
    Promise(dict(start="initial", sampler=Combined(target=100, fresh=True)), (100, 100, 100)),
]

LABELS = np.repeat([0, 1, 3], [16, 4, 1])  # class 2 is empty


def occurrences(target: int | None) -> list[int]:
    method = CombinedSampling(start="initial", sampler=Combined(target=target))
    epoch = next(method.epochs(LABELS, np.random.default_rng(0), training_of()))
    return np.bincount(epoch, minlength=len(LABELS)).tolist()


def test_classes_meet_at_the_geometric_mean_or_at_the_target() -> None:
    for target, size in ((None, 4), (4, 4), (6, 6), (1, 1), (20, 20)):
        sizes = np.bincount(LABELS, weights=occurrences(target))
        assert sizes.tolist() == [size, size, 0, size]


def test_images_are_dropped_or_repeated_equally_often_within_one() -> None:
    times = occurrences(6)
    assert sorted(times[:16]) == [0] * 10 + [1] * 6
    assert sorted(times[16:20]) == [1, 1, 2, 2]
    assert times[20] == 6


@pytest.mark.parametrize(("fresh", "seen"), [(False, 6), (True, 16)])
def test_fresh_samples_show_all_images_over_time(fresh: bool, seen: int) -> None:
    epochs = Combined(target=6, fresh=fresh).epochs(LABELS, np.random.default_rng(0), 200)
    positions = np.concatenate([next(epochs) for _ in range(30)])
    assert len(np.unique(positions[positions < 16])) == seen
