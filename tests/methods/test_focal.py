import pytest
import torch

from imbalance.methods.baseline import Baseline
from imbalance.methods.focal import Focal
from tests.methods.contract import FILLED, SIZES, Promise, context_of
from tests.methods.hand_batch import loss

SIZES_OF_TWO = torch.ones(6, 2)

PROMISES = [
    Promise(dict(start="initial"), SIZES),
    Promise(dict(start="initial", sampler={"name": "oversampling"}), FILLED),
    Promise(dict(start="initial", form="sigmoid", weights={"name": "inverse"}), SIZES),
    Promise(dict(start="initial", gamma=0.5), SIZES),
]


def test_softmax_form() -> None:
    assert loss(Focal(start="initial", gamma=2)) == pytest.approx(0.480450, abs=1e-6)


def test_sigmoid_form() -> None:
    assert loss(Focal(start="initial", gamma=2, form="sigmoid")) == pytest.approx(0.582110, abs=1e-6)


def test_gamma_zero_is_cross_entropy() -> None:
    assert loss(Focal(start="initial", gamma=0)) == pytest.approx(loss(Baseline(start="initial")), abs=1e-12)


@pytest.mark.parametrize("gamma", [0, 0.1, 0.5, 1, 2])
def test_gradient_up_to_certainty(gamma: float) -> None:
    """The slope by the margin z_y - z_k of two classes, p' = p (1 - p), against the derivative by hand.

    dL/dp = gamma (1 - p)^(gamma - 1) ln p - (1 - p)^gamma / p; at p = 1 in float32, it is zero.
    """
    margin = torch.tensor([-3.0, 0, 1, 5, 8, 100])
    logits = torch.stack([margin, torch.zeros(6)], dim=1).requires_grad_()
    targets, context = torch.zeros(6, 1, dtype=torch.int64), context_of(logits.unsqueeze(1), SIZES_OF_TWO)
    losses = Focal(start="initial", gamma=gamma).loss(logits.unsqueeze(1), targets, context)
    (gradient,) = torch.autograd.grad(losses.sum(), logits)
    p, q = torch.sigmoid(margin.double()), torch.sigmoid(-margin.double())
    log_p = torch.nn.functional.logsigmoid(margin.double())
    by_hand = p * (gamma * q**gamma * log_p) - q ** (gamma + 1)
    assert gradient[:, 0].tolist() == pytest.approx(by_hand.tolist(), rel=1e-3, abs=1e-18)


def test_weights_multiply_the_focal_losses_of_the_unweighted_probability() -> None:
    # 1 / n = 1/6, 1/3, 1, scaled to sum to 3: 1/3, 2/3, 2
    expected = (0.173287 / 3 + 2 * 0.779791 / 3 + 2 * 0.488272) / 3
    weights = {"name": "inverse", "normalisation": "classes"}
    assert loss(Focal(start="initial", gamma=2, weights=weights)) == pytest.approx(expected, abs=1e-6)
