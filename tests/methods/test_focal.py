import pytest

from imbalance.methods.baseline import Baseline
from imbalance.methods.focal import Focal
from tests.methods.contract import FILLED, SIZES, Promise
from tests.methods.t3 import loss

PROMISES = [
    Promise(dict(start="initial"), SIZES),
    Promise(dict(start="initial", sampler={"name": "oversampling"}), FILLED),
    Promise(dict(start="initial", form="sigmoid", alpha="inverse"), SIZES),
]


def test_softmax_form() -> None:
    assert loss(Focal(start="initial", gamma=2)) == pytest.approx(0.480450, abs=1e-6)


def test_sigmoid_form() -> None:
    assert loss(Focal(start="initial", gamma=2, form="sigmoid")) == pytest.approx(0.582110, abs=1e-6)


def test_gamma_zero_is_cross_entropy() -> None:
    assert loss(Focal(start="initial", gamma=0)) == pytest.approx(loss(Baseline(start="initial")), abs=1e-12)


def test_alpha_multiplies_the_focal_losses_of_the_unweighted_probability() -> None:
    # 1 / n = 1/6, 1/3, 1, scaled to sum to 3: 1/3, 2/3, 2
    expected = (0.173287 / 3 + 2 * 0.779791 / 3 + 2 * 0.488272) / 3
    assert loss(Focal(start="initial", gamma=2, alpha="inverse")) == pytest.approx(expected, abs=1e-6)
