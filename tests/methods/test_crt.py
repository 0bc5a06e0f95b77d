import numpy as np
import pytest

from imbalance.methods.crt import Crt
from tests.methods.contract import Promise, training_of

PROMISES = [
    Promise(dict(start="baseline"), (100 / 3,) * 3, on_average=True, epochs=6),
]


def test_classes_are_drawn_alike() -> None:
    labels = np.repeat([0, 1, 2], [600, 300, 100])
    epoch = next(Crt(start="baseline").epochs(labels, np.random.default_rng(0), training_of()))
    shares = np.bincount(labels[epoch]) / 1000
    assert shares.tolist() == pytest.approx([1 / 3] * 3, abs=0.05)
