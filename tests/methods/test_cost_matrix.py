import numpy as np
import pytest
import torch

from imbalance.methods.cost_matrix import CostMatrix
from tests.methods.contract import SIZES, Promise, context_of
from tests.methods.hand_batch import LABELS, LOGITS, loss
from tests.methods.hand_batch import SIZES as T3_SIZES

# the contract suite has three or four classes; given costs are for a number of classes (parts/test_costs.py)
PROMISES = [
    Promise(dict(start="initial"), SIZES),
]
COSTS = ((0, 1, 2), (5, 0, 3), (10, 4, 0))


def test_expected_costs_by_hand() -> None:
    """1/4 + 2/4, 5/2 + 3/4, 10/3 + 4/3; the cross entropy is 1.059351."""
    expected = (3 / 4 + 13 / 4 + 14 / 3) / 3
    alone = CostMatrix(start="initial", costs=COSTS, cross_entropy=0)
    assert loss(alone) == pytest.approx(expected, abs=1e-6)
    both = CostMatrix(start="initial", costs=COSTS, cross_entropy=0.5)
    assert loss(both) == pytest.approx(expected + 0.5 * 1.059351, abs=1e-6)


def test_by_default_it_is_one_minus_the_mean_recall() -> None:
    """N / (C n) = 5/9, 10/9, 10/3. In the training set, 6, 3 and 1 images may have p_t = 1/2, 1/4, 1/3."""
    costs = np.array([5 / 9, 10 / 9, 10 / 3]) * [1 / 2, 3 / 4, 2 / 3]
    assert np.dot(costs, [6, 3, 1]) / 10 == pytest.approx(1 - np.mean([1 / 2, 1 / 4, 1 / 3]))
    alone = CostMatrix(start="initial", cross_entropy=0)
    assert loss(alone) == pytest.approx(costs.mean(), abs=1e-12)
    assert loss(CostMatrix(start="initial")) == pytest.approx(costs.mean() + 1.059351, abs=1e-6)


def test_gradient_by_hand() -> None:
    """Without cross entropy, dL/dz_k = p_k (K[y, k] - sum_j K[y, j] p_j) / B."""
    method = CostMatrix(start="initial", costs=COSTS, cross_entropy=0)
    logits = LOGITS.clone().requires_grad_()
    found = method.loss(logits, LABELS, context_of(logits, T3_SIZES, state=method.state(3)))
    (gradient,) = torch.autograd.grad(found, logits)
    costs, p = np.array(COSTS), LOGITS.softmax(dim=-1).numpy()
    by_hand = p * (costs - (costs * p).sum(axis=1, keepdims=True)) / 3
    np.testing.assert_allclose(gradient.numpy(), by_hand, atol=1e-12)
