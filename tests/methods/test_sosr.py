import numpy as np
import pytest
import torch

from imbalance.methods.sosr import Sosr
from tests.methods.contract import SIZES, Promise
from tests.methods.hand_batch import loss

PROMISES = [
    Promise(dict(start="initial"), SIZES),
]
COSTS = ((0, 1, 2), (5, 0, 3), (10, 4, 0))
LOGITS = torch.tensor([[2.0, 1, -1], [0.5, -2, 1], [1, 0.5, 3]], dtype=torch.float64)


def by_hand(costs: np.ndarray, signs: np.ndarray) -> float:
    return float(np.log1p(np.exp(signs * (-LOGITS.numpy() - costs))).sum() / 3)


def test_loss_by_hand() -> None:
    """The least cost of every row is on the diagonal."""
    expected = by_hand(np.array(COSTS), 2 * np.eye(3) - 1)
    assert loss(Sosr(start="initial", costs=COSTS), logits=LOGITS) == pytest.approx(expected, abs=1e-12)


def test_first_example_by_hand() -> None:
    """With r = -2, -1, 1 and K = 0, 1, 2: ln(1 + e^-2) + ln(1 + e^2) + ln(1 + e); the others lose nothing."""
    expected = np.log1p(np.exp(-2)) + np.log1p(np.exp(2)) + np.log1p(np.e)
    right = torch.tensor([[2, 1, -1], [-99, 99, -99], [-99, -99, 99]], dtype=torch.float64)
    assert loss(Sosr(start="initial", costs=COSTS), logits=right) == pytest.approx(expected / 3, abs=1e-12)


def test_a_wrong_decision_that_costs_nothing_is_regressed_like_the_right_one() -> None:
    costs, signs = (
        np.array([[0, 0, 2], [5, 0, 3], [10, 4, 0]]),
        np.array([[1, 1, -1], [-1, 1, -1], [-1, -1, 1]]),
    )
    found = loss(Sosr(start="initial", costs=tuple(map(tuple, costs.tolist()))), logits=LOGITS)
    assert found == pytest.approx(by_hand(costs, signs), abs=1e-12)


def test_default_costs_by_hand() -> None:
    """N / (C n) = 5/9, 10/9, 10/3."""
    costs = np.array([[5 / 9], [10 / 9], [10 / 3]]) * (1 - np.eye(3))
    expected = by_hand(costs, 2 * np.eye(3) - 1)
    assert loss(Sosr(start="initial"), logits=LOGITS) == pytest.approx(expected, abs=1e-12)
