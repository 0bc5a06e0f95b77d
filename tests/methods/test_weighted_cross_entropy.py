from typing import Any

import pytest

from imbalance.methods.weighted_cross_entropy import WeightedCrossEntropy
from tests.methods.contract import SIZES, Promise
from tests.methods.hand_batch import loss

PROMISES = [
    Promise(dict(start="initial"), SIZES),
]


@pytest.mark.parametrize(
    ("normalisation", "expected"), [("batch", 1.117490), ("balanced", 1.862483), ("inverse", 0.558745)]
)
def test_normalisations(normalisation: Any, expected: float) -> None:
    method = WeightedCrossEntropy(start="initial", normalisation=normalisation)
    assert loss(method) == pytest.approx(expected, abs=1e-6)
