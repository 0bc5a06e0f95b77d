"""The measures of curves, by hand."""

import math

import pandas as pd
import pytest

from imbalance.studies.claims.curves import of_curves

TRAINING = [0.3, 0.5, 0.9, 0.7, 0.95]
TEST = [0.2, 0.4, 0.6, 0.695, 0.7]
MINORITY = [0.1, 0.5, 0.6, 0.5, 0.4]


def measures(train: list[float], **others: float) -> pd.Series:
    """The measures of one network, by name."""
    curve = pd.DataFrame({"method": "baseline", "replicate": 0, "iteration": [100, 200, 300, 400, 500]})
    curve = curve.assign(train_accuracy=train, test_accuracy=TEST, minority_test_recall=MINORITY)
    recalls = dict(minority_train_recall=0.6, majority_train_recall=0.9, majority_test_recall=0.8)
    return of_curves(curve.assign(**recalls | others)).set_index("measure")["value"]


def test_the_measures_of_a_curve_are_those_by_hand() -> None:
    found = measures(TRAINING)
    expected = {
        "gap": 0.25,
        "unrest": 0.0035355,  # of 0.695 and 0.7: their difference over the root of 2
        "settling": 0.8,
        "learning": 0.75,
        "minority_gap": 0.2,
        "balanced_gap": 0.15,
        "minority_fall": 0.2,
        "minority_recall_at_start": 0.1,
        "minority_rise": 0.3,
    }
    assert found[list(expected)].to_dict() == pytest.approx(expected, abs=1e-6)


def test_without_minority_classes_learning_is_that_of_all() -> None:
    found = measures(TRAINING, minority_train_recall=math.nan, majority_train_recall=math.nan)
    assert found["learning"] == pytest.approx(0.67)
    assert (
        measures([0.1] * 5, minority_train_recall=math.nan, majority_train_recall=math.nan)["learning"] == 0.1
    )
