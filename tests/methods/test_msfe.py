import pytest

from imbalance.methods.msfe import Msfe
from tests.methods.contract import SIZES, Promise
from tests.methods.hand_batch import loss

PROMISES = [
    Promise(dict(start="initial"), SIZES),
]


def test_multi_class() -> None:
    assert loss(Msfe(start="initial")) == pytest.approx(0.337674, abs=1e-6)
