import numpy as np
import pytest

from imbalance.methods.baseline import Baseline
from imbalance.methods.equalisation import Equalisation
from tests.methods.contract import SIZES, Promise
from tests.methods.hand_batch import loss

PROMISES = [
    Promise(dict(start="initial"), SIZES),
    Promise(dict(start="initial", ignored=0, rare=1), SIZES),
]


def test_loss_by_hand() -> None:
    """Sizes 6, 3, 1, of mean 10/3: class 2 is below 0.31 times the mean, and F = 1/4.

    e^z = (2, 1, 1), (2, 1, 1), (1, 1, 1): -ln 2 / (2 + 1 + 1/4), -ln 1 / (2 + 1 + 1/4), and -ln 1/3, as
    the class itself is not spared its own examples.
    """
    expected = -np.mean(np.log([2 / 3.25, 1 / 3.25, 1 / 3]))
    assert loss(Equalisation(start="initial", ignored=0.75, rare=0.31)) == pytest.approx(expected, abs=1e-12)


def test_two_rare_classes_by_hand() -> None:
    """Class 1, of size 3, is below the mean 10/3, too: F = (1, 1/4, 1/4)."""
    expected = -np.mean(np.log([2 / 2.5, 1 / 3.25, 1 / 2.25]))
    assert loss(Equalisation(start="initial", ignored=0.75, rare=1)) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("changes", [{"ignored": 0, "rare": 1}, {"rare": 0}, {}])
def test_without_rare_classes_or_with_all_examples_it_is_cross_entropy(changes: dict[str, float]) -> None:
    """By default, the smallest class is not rare: it is 0.3 times the mean, and so not below it."""
    found = loss(Equalisation.model_validate({"start": "initial"} | changes))
    assert found == pytest.approx(loss(Baseline(start="initial")), abs=1e-12)


def test_by_default_most_examples_are_ignored() -> None:
    """F = 0.05."""
    assert loss(Equalisation(start="initial", rare=0.31)) == pytest.approx(
        -np.mean(np.log([2 / 3.05, 1 / 3.05, 1 / 3])), abs=1e-12
    )
