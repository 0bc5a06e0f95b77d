import math

import numpy as np
import pytest
import torch

from imbalance.methods.cosen import Cosen, bump, confusion, larger_share, separability
from imbalance.methods.parts.samplers import Labels
from tests.methods.contract import Promise, context_of, training_of
from tests.methods.hand_batch import LABELS, LOGITS, loss
from tests.methods.hand_batch import SIZES as T3_SIZES

# a tenth of the images is held out
PROMISES = [Promise(dict(start="initial"), (54, 27, 9))]
TRAINING = np.repeat([0, 1, 2], [6, 3, 1])
POINTS = torch.tensor([[0.0, 0], [1, 0], [0, 2], [3, 0], [4, 0]])


def test_costs_of_one_are_cross_entropy() -> None:
    assert loss(Cosen(start="initial")) == pytest.approx(1.059351, abs=1e-6)


def test_costs_that_are_the_larger_shares() -> None:
    """y_t = .5, 1/6, .1: the losses .693147, 1.791759, 2.302585."""
    costs = larger_share(TRAINING, 3)
    assert costs.flatten().tolist() == pytest.approx([0.6, 0.6, 0.6, 0.6, 0.3, 0.3, 0.6, 0.3, 0.1])
    context = context_of(LOGITS, T3_SIZES, state={"costs": costs})
    assert Cosen(start="initial").loss(LOGITS, LABELS, context).item() == pytest.approx(1.595831, abs=1e-6)


def test_separability_by_hand() -> None:
    """A = (0, 0), (1, 0), (0, 2) and B = (3, 0), (4, 0)."""
    found = separability(POINTS, np.array([0, 0, 0, 1, 1]), 2)
    from_a = (1 / 3 + 1 / 2 + 2 / math.sqrt(13)) / 3
    assert from_a == pytest.approx(0.462678, abs=1e-6)
    assert found.flatten().tolist() == pytest.approx([1, from_a, (1 / 2 + 1 / 3) / 2, 1])


def test_what_is_unknown_of_a_class_changes_no_cost() -> None:
    """Class 1 has a single image, class 2 none at all."""
    found = separability(POINTS[:4], np.array([0, 0, 0, 1]), 3)
    assert found.isnan().tolist() == [[False, False, True], [True, False, True], [True, True, False]]
    assert bump(found, 0.5, 0.5)[1, 0] == 1
    confused = confusion(np.array([0, 1, 1, 0]), np.array([0, 0, 0, 1]), 3)
    assert confused[:2].flatten().tolist() == pytest.approx([1 / 3, 2 / 3, 0, 1, 0, 0])
    assert confused[2].isnan().all()


def refreshed(
    method: Cosen, state: dict[str, torch.Tensor], decided: Labels, truth: Labels
) -> dict[str, torch.Tensor]:
    labels = np.array([0, 0, 0, 1, 1])
    training = training_of(
        decisions=lambda: (decided, truth), features=lambda positions: POINTS[torch.from_numpy(positions)]
    )
    return method.refresh(state, labels, np.random.default_rng(0), training)


def test_costs_step_towards_their_target_and_slowly_where_the_error_has_grown() -> None:
    method, truth = Cosen(start="initial", rate=0.25), np.array([0, 0, 1, 1])
    good, bad = np.array([0, 0, 1, 0]), np.array([0, 1, 1, 0])
    shares = np.array([[0.6, 0.6], [0.6, 0.4]])
    apart = np.array([[1, 0.462678], [0.416667, 1]])

    def target(confused: list[list[float]]) -> np.ndarray:
        return shares * np.exp(-2 * (apart - 0.5) ** 2) * np.exp(-2 * (np.array(confused) - 0.5) ** 2)

    first = refreshed(method, method.state(2), good, truth)
    expected = 1 + 0.25 * (target([[1, 0], [0.5, 0.5]]) - 1)
    np.testing.assert_allclose(first["costs"].numpy(), expected, rtol=1e-5)
    assert (first["rate"].item(), first["error"].item()) == (0.25, 0.25)
    second = refreshed(method, first, bad, truth)
    expected += 0.0025 * (target([[0.5, 0.5], [0.5, 0.5]]) - expected)
    np.testing.assert_allclose(second["costs"].numpy(), expected, rtol=1e-5)
    assert second["rate"].item() == pytest.approx(0.0025)
