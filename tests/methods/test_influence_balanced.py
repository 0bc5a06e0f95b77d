import pytest
import torch
from torch import nn

from imbalance.methods.influence_balanced import InfluenceBalanced
from tests.methods.contract import SIZES, Promise, context_of
from tests.methods.hand_batch import FEATURES, LABELS, LOGITS, loss
from tests.methods.hand_batch import SIZES as T3_SIZES

PROMISES = [Promise(dict(start="initial"), SIZES)]


def test_by_hand() -> None:
    """|h|_1 = 2 in every row, |p - Y|_1 = 1, 3/2, 4/3: influences 2, 3, 8/3; weights 1/3, 2/3, 2."""
    method = InfluenceBalanced(start="initial", deferred_until=0)
    context = context_of(LOGITS, T3_SIZES, 0, FEATURES)
    assert method.influence(LOGITS, LABELS, context).tolist() == pytest.approx([2, 3, 8 / 3])
    expected = 1000 * (0.346400 / 3 + 2 * 0.461944 / 3 + 2 * 0.411825) / 3
    assert loss(method, features=FEATURES) == pytest.approx(expected, rel=1e-5)
    assert expected == pytest.approx(415.6933, abs=1e-3)


def test_cross_entropy_comes_first() -> None:
    method = InfluenceBalanced(start="initial")
    assert loss(method, progress=0.49) == pytest.approx(1.059351, abs=1e-6)
    assert loss(method, progress=0.5) > 100


def test_the_influence_is_the_gradient_of_the_classifier() -> None:
    """By autograd: the L1 norm of the gradient of the cross entropy by the weights of a linear classifier."""
    torch.manual_seed(0)
    classifier, features = nn.Linear(4, 3).double(), torch.randn(1, 4, dtype=torch.float64)
    logits, label = classifier(features), torch.tensor([2])
    (gradient,) = torch.autograd.grad(nn.functional.cross_entropy(logits, label), classifier.weight)
    influence = InfluenceBalanced(start="initial").influence(
        logits, label, context_of(logits, T3_SIZES, 0, features)
    )
    assert influence.item() == pytest.approx(gradient.abs().sum().item())


def test_the_influence_is_a_constant() -> None:
    features = FEATURES.clone().requires_grad_()
    context = context_of(LOGITS, T3_SIZES, 0.9, features)
    logits = LOGITS.clone().requires_grad_()
    InfluenceBalanced(start="initial").loss(logits, LABELS, context).backward()  # type: ignore[no-untyped-call]
    assert features.grad is None
