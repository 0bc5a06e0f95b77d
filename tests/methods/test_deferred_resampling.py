import numpy as np
import pytest

from imbalance.methods.deferred_resampling import DeferredResampling
from imbalance.training.jobs import batches
from tests.methods.contract import LABELS, SIZES, Promise, training_of

PROMISES = [
    Promise(dict(start="initial", sampler={"name": "deferred", "after": 1}), SIZES),
    Promise(
        dict(start="initial", sampler={"name": "deferred", "after": 0, "sampler": {"name": "undersampling"}}),
        (10, 10, 10),
    ),
    Promise(
        dict(start="initial", sampler={"name": "deferred", "after": 0.5}),
        (46.7, 31.7, 21.7),
        on_average=True,
        epochs=6,
    ),
]


@pytest.mark.parametrize(
    ("iterations", "after", "first"), [(50, 0.8, 1000), (20, 0.35, 175), (20, 0.325, 163)]
)
def test_classes_are_balanced_after_the_fraction(iterations: int, after: float, first: int) -> None:
    """To the example, wherever an epoch ends. Oversampled, an epoch has 60 of each class."""
    sampler = {"name": "deferred", "after": after, "sampler": {"name": "oversampling"}}
    method = DeferredResampling(start="initial", sampler=sampler)
    epochs = method.epochs(LABELS, np.random.default_rng(0), training_of(iterations, batch=25))
    positions = np.concatenate(list(batches(epochs, iterations, 25)))
    before, following = np.split(positions, [first])
    whole = len(before) // 100 * 100
    assert (np.bincount(before[:whole], minlength=100) == whole // 100).all(), "each example once an epoch"
    assert np.bincount(before[whole:], minlength=100).max() <= 1
    assert np.bincount(LABELS[following[:180]]).tolist() == [60, 60, 60]


def test_its_default_balances_the_classes_for_the_last_fifth() -> None:
    method = DeferredResampling(start="initial")
    epochs = method.epochs(LABELS, np.random.default_rng(0), training_of(500, batch=10))
    drawn = LABELS[np.concatenate(list(batches(epochs, 500, 10)))]
    assert np.bincount(drawn[:4000]).tolist() == [2400, 1200, 400]
    assert np.bincount(drawn[4000:]) == pytest.approx(np.full(3, 1000 / 3), rel=0.2)
