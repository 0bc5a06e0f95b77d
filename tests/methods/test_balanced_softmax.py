import pytest

from imbalance.methods.balanced_softmax import BalancedSoftmax
from imbalance.methods.baseline import Baseline
from tests.methods.contract import SIZES, Promise
from tests.methods.hand_batch import loss

PROMISES = [
    Promise(dict(start="initial"), SIZES),
]


def test_loss() -> None:
    assert loss(BalancedSoftmax(start="initial")) == pytest.approx(1.421415, abs=1e-6)


def test_tau_zero_is_cross_entropy() -> None:
    plain = loss(Baseline(start="initial"))
    assert loss(BalancedSoftmax(start="initial", tau=0)) == pytest.approx(plain, abs=1e-12)
