import numpy as np

from imbalance.methods.oversampling import Oversampling
from imbalance.methods.parts import samplers
from tests.methods.contract import FILLED, Promise, training_of

PROMISES = [
    Promise(dict(start="initial"), FILLED),
    Promise(dict(start="initial", ratio=2), (60, 30, 30)),
]

LABELS = np.repeat([0, 1, 2], [6, 3, 1])


def test_is_the_sampler_of_the_same_name() -> None:
    epochs = Oversampling(start="initial", ratio=2).epochs(LABELS, np.random.default_rng(0), training_of())
    expected = samplers.Oversampling(ratio=2).epochs(LABELS, np.random.default_rng(0), 300)
    assert next(epochs).tolist() == next(expected).tolist()
