import numpy as np
import pytest

from imbalance.methods.baseline import Baseline
from tests.methods.contract import SIZES, Promise, training_of
from tests.methods.hand_batch import loss

PROMISES = [
    Promise(dict(start="initial"), SIZES),
    Promise(dict(start="initial", validation=0.1), (54, 27, 9)),
    Promise(
        dict(start="initial", sampler={"name": "power", "q": 0}), (100 / 3,) * 3, on_average=True, epochs=6
    ),
]


def test_loss_is_the_mean_cross_entropy() -> None:
    assert loss(Baseline(start="initial")) == pytest.approx(1.059351, abs=1e-6)


def test_an_epoch_is_every_image_once() -> None:
    epochs = Baseline(start="initial").epochs(np.zeros(50, int), np.random.default_rng(0), training_of())
    for _ in range(3):
        assert sorted(next(epochs)) == list(range(50))
