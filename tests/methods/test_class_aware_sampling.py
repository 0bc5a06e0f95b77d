import numpy as np
import pytest

from imbalance.methods.class_aware_sampling import ClassAwareSampling
from tests.methods.contract import LABELS, Promise, training_of

PROMISES = [
    Promise(dict(start="initial"), (100 / 3,) * 3, on_average=True, epochs=20),
    Promise(
        dict(start="initial", sampler={"name": "power", "q": 1}), (60, 30, 10), on_average=True, epochs=20
    ),
]


def test_a_class_is_drawn_first_and_then_an_example_of_it() -> None:
    epochs = ClassAwareSampling(start="initial").epochs(LABELS, np.random.default_rng(0), training_of())
    drawn = np.bincount(np.concatenate([next(epochs) for _ in range(600)]), minlength=len(LABELS))
    assert drawn.sum() == 60_000
    for label, size in enumerate((60, 30, 10)):
        assert drawn[label == LABELS] == pytest.approx(np.full(size, 20_000 / size), rel=0.3)
