import numpy as np
import pytest
import torch

from imbalance.methods.dice import Dice
from tests.methods.contract import SIZES, Promise
from tests.methods.hand_batch import LABELS, LOGITS, loss

PROMISES = [
    Promise(dict(start="initial"), SIZES),
    Promise(dict(start="initial", squared=True, smoothing=0), SIZES),
]


@pytest.mark.parametrize(("squared", "expected"), [(False, 0.645022), (True, 0.478497)])
def test_loss_without_smoothing(squared: bool, expected: float) -> None:
    """D = 3/7, 3/11, 4/11, or with squares."""
    pure = Dice(start="initial", squared=squared, smoothing=0, cross_entropy=0)
    assert loss(pure) == pytest.approx(expected, abs=1e-6)
    both = Dice(start="initial", squared=squared, smoothing=0, cross_entropy=0.5)
    assert loss(both) == pytest.approx(expected + 0.5 * 1.059351, abs=1e-6)


def test_defaults_by_hand() -> None:
    """Sums of p: 4/3, 5/6, 5/6; of p where it is the class: 1/2, 1/4, 1/3; s = 1."""
    scores = np.array([2 / (4 / 3 + 2), 1.5 / (5 / 6 + 2), (5 / 3) / (5 / 6 + 2)])
    assert loss(Dice(start="initial")) == pytest.approx(1 - scores.mean() + 1.059351, abs=1e-6)


def test_classes_that_are_not_in_the_batch_do_not_count() -> None:
    """Labels 0, 0, 2: D_0 = 2 (1/2 + 1/2) / (4/3 + 2) = 3/5 and D_2 = (2/3) / (5/6 + 1) = 4/11."""
    found = Dice(start="initial", smoothing=0).dice_loss(LOGITS, torch.tensor([0, 0, 2])).item()
    assert found == pytest.approx(1 - (3 / 5 + 4 / 11) / 2, abs=1e-12)


def test_a_class_that_is_neither_there_nor_predicted_gives_no_nan() -> None:
    logits = torch.tensor([[1.0, 0, -1000], [0, 1, -1000]], requires_grad=True)
    found = Dice(start="initial", smoothing=0).dice_loss(logits, torch.tensor([0, 1]))
    (gradient,) = torch.autograd.grad(found, logits)
    assert found.isfinite()
    assert gradient.isfinite().all()


@pytest.mark.parametrize("smoothing", [0, 1])
def test_of_certain_and_right_predictions_it_is_zero(smoothing: float) -> None:
    certain = 1000 * torch.eye(3, dtype=torch.float64)
    assert loss(Dice(start="initial", smoothing=smoothing), logits=certain) == 0


def test_gradient_against_differences() -> None:
    method = Dice(start="initial", squared=True)
    logits = LOGITS.clone().requires_grad_()
    assert torch.autograd.gradcheck(lambda rows: method.dice_loss(rows, LABELS), logits)
