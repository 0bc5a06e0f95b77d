import pytest
import torch

from imbalance.methods.mfe import Mfe
from imbalance.methods.squared_error import SquaredError
from tests.methods.contract import SIZES, Promise, context_of
from tests.methods.hand_batch import loss

PROMISES = [Promise(dict(start="initial"), SIZES)]


def test_by_hand() -> None:
    """Of each example: 1/2 (1/4 + 1/16 + 1/16), 1/2 (1/4 + 9/16 + 1/16), 1/2 (1/9 + 1/9 + 4/9)."""
    assert loss(SquaredError(start="initial")) == pytest.approx((3 / 16 + 7 / 16 + 1 / 3) / 3, abs=1e-6)


def test_two_classes_of_the_survey() -> None:
    """Negatives (.8, .2), (.4, .6) and a positive (.5, .5): errors .04, .36, .25, a mean of .216667."""
    logits = torch.tensor([[0.8, 0.2], [0.4, 0.6], [0.5, 0.5]]).log()
    context = context_of(logits, torch.tensor([2.0, 1]))
    losses = SquaredError(start="initial").losses(logits, torch.tensor([0, 0, 1]), context)
    assert losses.tolist() == pytest.approx([0.04, 0.36, 0.25])
    mean = SquaredError(start="initial").loss(logits, torch.tensor([0, 0, 1]), context)
    assert mean.item() == pytest.approx(0.216667, abs=1e-6)


def test_it_is_the_mean_false_error_of_a_batch_with_as_many_examples_of_each_class() -> None:
    assert loss(SquaredError(start="initial")) == pytest.approx(loss(Mfe(start="initial", mean=True)))
