import pytest

from imbalance.methods.weighted_cross_entropy import WeightedCrossEntropy
from tests.methods.contract import SIZES, Promise
from tests.methods.hand_batch import loss

PROMISES = [
    Promise(dict(start="initial"), SIZES),
]


def test_by_default_the_scale_of_the_weights_cancels() -> None:
    assert loss(WeightedCrossEntropy(start="initial")) == pytest.approx(1.117490, abs=1e-6)


def test_balanced_weights_are_those_of_scikit_learn() -> None:
    balanced = WeightedCrossEntropy(start="initial", weights={"name": "inverse", "normalisation": "examples"})
    assert loss(balanced) == pytest.approx(1.862483, abs=1e-6)
