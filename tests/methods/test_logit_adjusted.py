import numpy as np
import pytest

from imbalance.methods.balanced_softmax import BalancedSoftmax
from imbalance.methods.logit_adjusted import LogitAdjusted
from tests.methods.contract import SIZES, Promise
from tests.methods.hand_batch import LABELS, LOGITS, loss

PROMISES = [
    Promise(dict(start="initial"), SIZES),
]


def test_loss() -> None:
    assert loss(LogitAdjusted(start="initial")) == pytest.approx(1.421415, abs=1e-6)


@pytest.mark.parametrize("tau", [0, 0.5, 1, 2])
def test_loss_by_the_priors(tau: float) -> None:
    adjusted = LOGITS.numpy() + tau * np.log([0.6, 0.3, 0.1])
    by_hand = np.mean(np.log(np.exp(adjusted).sum(axis=1)) - adjusted[range(3), LABELS])
    assert loss(LogitAdjusted(start="initial", tau=tau)) == pytest.approx(by_hand, abs=1e-12)


def test_it_is_the_balanced_softmax_to_the_bit() -> None:
    assert loss(LogitAdjusted(start="initial")) == loss(BalancedSoftmax(start="initial"))
