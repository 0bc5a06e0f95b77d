import numpy as np
import pytest
import torch

from imbalance.methods.baseline import Baseline
from imbalance.methods.logit_adjusted import LogitAdjusted
from imbalance.methods.vector_scaling import VectorScaling
from tests.methods.contract import SIZES, Promise
from tests.methods.hand_batch import LABELS, loss

PROMISES = [
    Promise(dict(start="initial"), SIZES),
    Promise(dict(start="initial", tau=0), SIZES),
]

# the logits of the hand-made batch are zero but for the largest class, whose scale is 1
LOGITS = torch.tensor([[2.0, 1, -1], [0.5, -2, 1], [1, 0.5, 3]], dtype=torch.float64)


def cross_entropy(logits: np.ndarray) -> float:
    return float(np.mean(np.log(np.exp(logits).sum(axis=1)) - logits[range(3), LABELS]))


@pytest.mark.parametrize(("gamma", "tau"), [(0.15, 1.25), (1, 0.5), (0.3, 0), (2, 3)])
def test_loss_by_hand(gamma: float, tau: float) -> None:
    adjusted = (np.array([6, 3, 1]) / 6) ** gamma * LOGITS.numpy() + tau * np.log([0.6, 0.3, 0.1])
    found = loss(VectorScaling(start="initial", gamma=gamma, tau=tau), logits=LOGITS)
    assert found == pytest.approx(cross_entropy(adjusted), abs=1e-12)


def test_the_defaults_are_those_of_the_paper_for_cifar_10() -> None:
    tuned = VectorScaling(start="initial", gamma=0.15, tau=1.25)
    assert VectorScaling(start="initial") == tuned


@pytest.mark.parametrize("tau", [0.5, 1, 2])
def test_without_scales_it_is_logit_adjusted(tau: float) -> None:
    found = loss(VectorScaling(start="initial", gamma=0, tau=tau), logits=LOGITS)
    assert found == pytest.approx(loss(LogitAdjusted(start="initial", tau=tau), logits=LOGITS), abs=1e-12)


def test_without_shifts_it_has_the_temperatures_of_cdt() -> None:
    """z_c / a_c with a_c = (n_max / n_c)^gamma = 1, 2, 6."""
    found = loss(VectorScaling(start="initial", gamma=1, tau=0), logits=LOGITS)
    assert found == pytest.approx(cross_entropy(LOGITS.numpy() / [1, 2, 6]), abs=1e-12)


def test_without_either_it_is_cross_entropy() -> None:
    found = loss(VectorScaling(start="initial", gamma=0, tau=0), logits=LOGITS)
    assert found == pytest.approx(loss(Baseline(start="initial"), logits=LOGITS), abs=1e-12)
