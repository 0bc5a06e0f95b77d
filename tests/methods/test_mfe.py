import pytest
import torch

from imbalance.methods.mfe import Mfe
from imbalance.methods.parts.losses import class_errors
from tests.methods.contract import SIZES, Promise
from tests.methods.hand_batch import loss

PROMISES = [
    Promise(dict(start="initial"), SIZES),
]


def test_multi_class() -> None:
    assert loss(Mfe(start="initial")) == pytest.approx(0.958333, abs=1e-6)
    assert loss(Mfe(start="initial", mean=True)) == pytest.approx(0.958333 / 3, abs=1e-6)


def test_two_classes_of_the_survey() -> None:
    """Negatives (.8, .2), (.4, .6) and a positive (.5, .5): FPE .20, FNE .25."""
    logits = torch.tensor([[0.8, 0.2], [0.4, 0.6], [0.5, 0.5]]).log()
    errors = class_errors(logits, torch.tensor([0, 0, 1]), "squared")
    assert errors.tolist() == pytest.approx([0.20, 0.25])
    assert errors.sum().item() == pytest.approx(0.45)
    assert errors.square().sum().item() == pytest.approx(0.1025)


def test_cross_entropy_as_the_error() -> None:
    assert loss(Mfe(start="initial", error="cross_entropy", mean=True)) == pytest.approx(1.059351, abs=1e-6)
