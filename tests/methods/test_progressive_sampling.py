import numpy as np
import pytest

from imbalance.methods.progressive_sampling import ProgressiveSampling
from tests.methods.contract import LABELS, Promise, training_of

# over the whole training, t/T is 1/2 on average
PROMISES = [
    Promise(dict(start="initial"), tuple(n / 2 + 100 / 6 for n in (60, 30, 10)), on_average=True, epochs=6),
]


def test_shares_go_from_those_of_the_instances_to_those_of_the_classes() -> None:
    labels = np.repeat(LABELS, 100)
    training = training_of(iterations=4 * len(labels) // 100, batch=100)
    epochs = ProgressiveSampling(start="initial").epochs(labels, np.random.default_rng(0), training)
    for fraction in (1 / 8, 3 / 8, 5 / 8, 7 / 8, 1, 1):
        shares = np.bincount(labels[next(epochs)]) / len(labels)
        expected = [(1 - fraction) * share + fraction / 3 for share in (0.6, 0.3, 0.1)]
        assert shares == pytest.approx(expected, abs=0.02)


def test_shares_change_within_an_epoch() -> None:
    """The training may have few epochs; here it has one."""
    labels = np.repeat([0, 1], [90_000, 10_000])
    training = training_of(iterations=1000, batch=100)
    epoch = next(ProgressiveSampling(start="initial").epochs(labels, np.random.default_rng(0), training))
    shares = [labels[part].mean() for part in np.split(epoch, 10)]
    assert shares == pytest.approx(np.arange(0.12, 0.5, 0.04), abs=0.02)
