import pytest

from imbalance.methods.deferred_reweighting import DeferredReweighting
from tests.methods.contract import SIZES, Promise
from tests.methods.hand_batch import loss

PROMISES = [
    Promise(dict(start="initial"), SIZES),
    Promise(dict(start="initial", weights={"name": "inverse", "after": 0.5}), SIZES),
]


def test_class_balanced_weights_begin_in_the_last_fifth() -> None:
    """Near beta = 1 and for few examples, they are inverse class sizes, of which the scale cancels."""
    method = DeferredReweighting(start="initial")
    assert loss(method, 0.79) == pytest.approx(1.059351, abs=1e-6)
    assert loss(method, 0.8) == pytest.approx(1.117490, abs=1e-4)
