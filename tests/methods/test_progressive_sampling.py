import numpy as np
import pytest

from imbalance.methods.progressive_sampling import ProgressiveSampling
from tests.methods.contract import LABELS, Promise, training_of

# six epochs of 100, of which the first to the last have t/T = 0, 1/6, ..., 5/6: on average 5/12
PROMISES = [
    Promise(
        dict(start="initial"), tuple(7 / 12 * n + 5 / 12 * 100 / 3 for n in (60, 30, 10)), on_average=True
    ),
]


def test_shares_go_from_those_of_the_instances_to_those_of_the_classes() -> None:
    labels = np.repeat(LABELS, 100)
    training = training_of(iterations=4 * len(labels) // 100, batch=100)
    epochs = ProgressiveSampling(start="initial").epochs(labels, np.random.default_rng(0), training)
    for fraction in (0, 0.25, 0.5, 0.75, 1, 1):
        shares = np.bincount(labels[next(epochs)]) / len(labels)
        expected = [(1 - fraction) * share + fraction / 3 for share in (0.6, 0.3, 0.1)]
        assert shares == pytest.approx(expected, abs=0.02)
