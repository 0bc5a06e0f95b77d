import numpy as np
import pytest

from imbalance.methods.class_balanced import ClassBalanced
from imbalance.methods.focal import Focal
from tests.methods.contract import SIZES, Promise
from tests.methods.hand_batch import LOGITS, loss

PROMISES = [
    Promise(dict(start="initial"), SIZES),
    Promise(dict(start="initial", form="sigmoid", gamma=1), SIZES),
]
HALF = {"name": "class_balanced", "beta": 0.5, "normalisation": "classes"}
W = np.array([0.732824, 0.824427, 1.442748])  # (1 - b) / (1 - b^n) = 32/63, 4/7, 1, scaled to sum to 3


def test_softmax_form() -> None:
    assert loss(ClassBalanced(start="initial", weights=HALF)) == pytest.approx(1.078625, abs=1e-6)


def test_focal_form() -> None:
    expected = (W * [0.173287, 0.779791, 0.488272]).mean()
    assert loss(ClassBalanced(start="initial", weights=HALF, gamma=2)) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("gamma", [0, 0.5, 2])
def test_sigmoid_form(gamma: float) -> None:
    z = LOGITS.numpy()
    p_true = 1 / (1 + np.exp(np.where(np.eye(3), -z, z)))
    expected = (W * -((1 - p_true) ** gamma * np.log(p_true)).sum(axis=1)).mean()
    method = ClassBalanced(start="initial", weights=HALF, form="sigmoid", gamma=gamma)
    assert loss(method) == pytest.approx(expected, abs=1e-6)


def test_without_weights_it_is_the_focal_loss() -> None:
    plain = ClassBalanced(start="initial", weights={"name": "equal"}, gamma=2)
    assert loss(plain) == loss(Focal(start="initial", gamma=2))
