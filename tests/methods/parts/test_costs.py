"""Cost matrices: given ones, those of class sizes, and what is refused, by which words."""

from typing import Any

import numpy as np
import pytest
import torch

from imbalance.errors import InputError
from imbalance.methods.parts.costs import CostSensitive
from tests.methods.contract import context_of

TARGETS = torch.tensor([[0, 1], [1, 0]])
SIZES = torch.tensor([[6.0, 2, 0], [1, 3, 4]])
LOGITS = torch.zeros(2, 2, 3)


def test_given_costs_are_those_of_the_true_class() -> None:
    method = CostSensitive(start="initial", costs=((0, 1, 2), (3, 0, 4), (5, 6, 0)))
    found = method.costs_of(TARGETS, context_of(LOGITS, SIZES, state=method.state(3)))
    assert found.tolist() == [[[0, 1, 2], [3, 0, 4]], [[3, 0, 4], [0, 1, 2]]]
    assert not method.corrects_priors


def test_given_costs_can_be_compiled_in_one_graph_and_refuse_a_label_that_is_no_class() -> None:
    method = CostSensitive(start="initial", costs=((0, 1, 2), (3, 0, 4), (5, 6, 0)))
    context = context_of(LOGITS, SIZES, state=method.state(3))
    compiled = torch.compile(method.costs_of, fullgraph=True, dynamic=False, backend="eager")
    assert compiled(TARGETS, context).equal(method.costs_of(TARGETS, context))
    for unknown in (TARGETS - 1, TARGETS + 2):
        with pytest.raises((IndexError, RuntimeError)):
            method.costs_of(unknown, context)


def test_costs_by_class_sizes_are_one_on_average_and_an_empty_class_does_not_count() -> None:
    """8 / (2 * 6), 8 / (2 * 2); 8 / (3 * 1), 8 / (3 * 3)."""
    method = CostSensitive(start="initial")
    found = method.costs_of(TARGETS, context_of(LOGITS, SIZES, state=method.state(3)))
    expected = [[[0, 2 / 3, 2 / 3], [2, 0, 2]], [[8 / 9, 0, 8 / 9], [0, 8 / 3, 8 / 3]]]
    assert found.flatten().tolist() == pytest.approx(np.array(expected).flatten())
    assert method.corrects_priors


@pytest.mark.parametrize(
    ("costs", "message"),
    [
        ([[0, 1], [2]], r"row 1 \(from 0\) has 1 costs, and there are 2 rows; give the cost of every"),
        ([[0, 1, 2], [2, 0, 1]], r"row 0 \(from 0\) has 3 costs, and there are 2 rows; give the cost"),
        (
            [[0, 1], [2, 0.5]],
            r"cost 1 of row 1 \(from 0\) is that of a right decision, and must be 0, not 0.5",
        ),
        ([], "there must be a row for each class, and so two rows at least"),
        ([[0]], "there must be a row for each class, and so two rows at least"),
        ([[0, -1], [1, 0]], "greater than or equal to 0"),
        ([[0, float("inf")], [1, 0]], "finite"),
        ([[0, "1"], [1, 0]], "valid number"),
        ([0, 1], "valid tuple"),
    ],
)
def test_what_is_no_cost_matrix_is_refused(costs: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        CostSensitive.model_validate({"start": "initial", "costs": costs})


def test_a_matrix_for_another_number_of_classes_is_refused_before_the_training() -> None:
    method = CostSensitive(start="initial", costs=((0, 1), (1, 0)))
    with pytest.raises(
        InputError, match="`costs` is a matrix for 2 classes, and the data set has 3; give a row"
    ):
        method.state(3)
