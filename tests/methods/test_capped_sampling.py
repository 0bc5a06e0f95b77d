import numpy as np
import pytest

from imbalance.config.starts import check_starts
from imbalance.methods import parse
from imbalance.methods.capped_sampling import CappedSampling
from imbalance.methods.parts.samplers import Capped
from tests.methods.contract import SIZES, Promise, training_of

PROMISES = [
    Promise(dict(start="initial"), (24, 24, 10), epochs=5),  # sqrt(60 * 10) = 24.5
    Promise(dict(start="initial", sampler=Capped(largest=20)), (20, 20, 10)),
    Promise(dict(start="initial", sampler=Capped(largest=60)), SIZES),
]

LABELS = np.repeat([0, 1, 2], [6, 3, 1])


@pytest.mark.parametrize(("largest", "sizes"), [(2, (2, 2, 1)), (6, (6, 3, 1)), (9, (6, 3, 1))])
def test_no_class_has_more_than_the_threshold(largest: int, sizes: tuple[int, ...]) -> None:
    method = CappedSampling(start="initial", sampler=Capped(largest=largest))
    epochs = method.epochs(LABELS, np.random.default_rng(0), training_of())
    first, second = next(epochs), next(epochs)
    assert tuple(np.bincount(LABELS[first])) == sizes
    assert len(np.unique(first)) == len(first), "no image is repeated"
    assert set(first) == set(second), "the images are drawn once"


def test_a_second_phase_that_trains_the_whole_network_on_all_images_is_a_baseline() -> None:
    """As the docstring writes it."""
    capped = parse({"method": "capped_sampling", "start": "initial"})
    tuned = parse({"method": "baseline", "start": "capped", "lr_factor": 0.1})
    check_starts({"baseline": parse({"start": "initial"}), "capped": capped, "capped_then_all": tuned})
    assert capped.trains == tuned.trains == "network"
    assert tuned.lr_factor == 0.1
    epoch = next(tuned.epochs(LABELS, np.random.default_rng(0), training_of()))
    assert sorted(epoch) == list(range(10))
