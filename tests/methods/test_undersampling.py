import numpy as np

from imbalance.methods.parts import samplers
from imbalance.methods.undersampling import Undersampling
from tests.methods.contract import Promise, training_of

PROMISES = [
    Promise(dict(start="initial"), (10, 10, 10)),
    Promise(dict(start="initial", ratio=2), (20, 20, 10)),
    Promise(dict(start="initial", fresh=True), (10, 10, 10)),
]

LABELS = np.repeat([0, 1, 2], [6, 3, 1])


def test_is_the_sampler_of_the_same_name() -> None:
    epochs = Undersampling(start="initial", ratio=2, fresh=True).epochs(
        LABELS, np.random.default_rng(0), training_of()
    )
    expected = samplers.Undersampling(ratio=2, fresh=True).epochs(LABELS, np.random.default_rng(0), 300)
    assert next(epochs).tolist() == next(expected).tolist()
