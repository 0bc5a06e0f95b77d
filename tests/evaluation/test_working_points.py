"""Thresholds for two classes, chosen on held-out images."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imbalance.evaluation.working_points import AtLeast, Cost, TwoClasses, constants, threshold

AIMS = ["youden", "f1", AtLeast(sensitivity=0.7), Cost(cost=3)]


def worth(called: np.ndarray, positive: np.ndarray, aim: Any) -> float:
    """What decisions are worth for an aim, from counts of images."""
    hits, missed, alarms = (
        int(each.sum()) for each in (positive & called, positive & ~called, called & ~positive)
    )
    sensitivity, specificity = hits / (hits + missed), 1 - alarms / int((~positive).sum())
    match aim:
        case "youden":
            return sensitivity + specificity - 1
        case "f1":
            return 2 * hits / (2 * hits + alarms + missed)
        case AtLeast():
            return specificity if sensitivity >= aim.sensitivity else -1
    return -float(aim.cost * missed + alarms)


@pytest.mark.parametrize("aim", AIMS, ids=str)
@given(st.data())
def test_no_threshold_serves_the_aim_better(aim: Any, data: st.DataObject) -> None:
    values = data.draw(st.lists(st.integers(-5, 5), min_size=4, max_size=25))
    marked = data.draw(st.lists(st.booleans(), min_size=len(values) - 2, max_size=len(values) - 2))
    log_odds, positive = np.array(values, float), np.array([True, False, *marked])
    chosen = threshold(log_odds, positive, aim, float(positive.mean()))
    assert chosen not in log_odds
    every = [worth(log_odds > cut, positive, aim) for cut in np.arange(-5.5, 6)]
    assert worth(log_odds > chosen, positive, aim) == pytest.approx(max(every))


def test_thresholds_by_hand() -> None:
    log_odds, positive = np.array([-3.0, -1, 0, 1, 2, 4]), np.array([0, 0, 1, 0, 1, 1], bool)
    assert threshold(log_odds, positive, "youden", 0.5) == -0.5, "of equals, the highest sensitivity"
    assert threshold(log_odds, positive, AtLeast(sensitivity=0.6), 0.5) == 1.5
    assert threshold(log_odds, positive, Cost(cost=2), 0.5) == -0.5
    assert threshold(log_odds, positive, Cost(cost=0.5), 0.5) == 1.5
    # With one positive in a hundred, a false alarm in three outweighs a missed positive in three.
    assert threshold(log_odds, positive, Cost(cost=2), 0.01) == 1.5
    assert threshold(log_odds, positive, "f1", 0.01) == 1.5
    # Where nothing is gained by calling an image positive, or negative, none is.
    assert threshold(-log_odds, positive, Cost(cost=0.1), 0.5) > 1e5
    assert threshold(-log_odds, positive, AtLeast(sensitivity=1), 0.5) < -1e5


def test_the_rule_adds_the_threshold_to_the_positive_class_alone() -> None:
    assert constants(1.5, 0).tolist() == [-1.5, 0]
    assert constants(1.5, 1).tolist() == [0, -1.5]


@pytest.mark.parametrize(
    ("aim", "problem"),
    [
        ("yuden", "no aim 'yuden'; did you mean 'youden'"),
        (
            "sensitivity",
            "sensitivity is an aim with a number above 0, 1 at most; write it like {sensitivity: 0.9}",
        ),
        ({"sensitivity": 1.5}, "above 0, 1 at most"),
        ({"cost": 0}, "cost is an aim with a number above 0; write it like"),
        ({"cost": "ten"}, "cost is an aim with a number"),
        ({"youden": 1}, "no aim {'youden': 1}; did you mean 'youden'"),
        (None, "no aim null"),
    ],
)
def test_another_aim_is_refused(aim: object, problem: str) -> None:
    with pytest.raises(ValueError, match="aim") as refused:
        TwoClasses.model_validate({"aim": aim})
    assert problem in str(refused.value)


def test_aims_and_names_as_they_are_written() -> None:
    assert TwoClasses.model_validate({"aim": {"cost": 10}}).aim == Cost(cost=10)
    assert TwoClasses.model_validate({"positive": 1}).positive == "1", "a folder called 1"
    assert TwoClasses() == TwoClasses.model_validate({"aim": "youden", "specificity": 0.95})
