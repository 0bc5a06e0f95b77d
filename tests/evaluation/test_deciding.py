"""The decisions under a run's rules, network by network, and the question asked of two classes."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import log_softmax

from imbalance.errors import InputError
from imbalance.evaluation.deciding import Deciding, Question
from imbalance.evaluation.working_points import TwoClasses
from imbalance.subsets.subset import Subset

CLASSES = ("ill", "well")
SUBSET = Subset(np.arange(100), np.array([10, 90]))
NETWORK = ("baseline", 0)


def held_out(log_odds: np.ndarray, labels: np.ndarray) -> pd.DataFrame:
    """Logits of images whose log-odds of the first class are given."""
    return pd.DataFrame({"label": labels, "logit_0": log_odds, "logit_1": 0.0})


def question(**asked: object) -> Question:
    deciding = Deciding(("argmax",), two_classes=TwoClasses.model_validate(asked))
    found = deciding.question(CLASSES, [SUBSET])
    assert found
    return found


def test_the_positive_class_is_the_rarest_unless_it_is_named() -> None:
    assert question().positive == 0
    assert question(positive="well").positive == 1
    equal = Subset(np.arange(20), np.array([10, 10]))
    rules = Deciding(("argmax",))
    assert rules.question(CLASSES, [SUBSET, Subset(np.arange(100), np.array([90, 10]))]).positive == 1  # type: ignore[union-attr]
    assert rules.question(CLASSES, [equal]).positive == 1  # type: ignore[union-attr]
    assert rules.question(("a", "b", "c"), [SUBSET]) is None


def test_the_prevalence_is_the_stated_one_or_else_that_of_the_test_set() -> None:
    labels, ranking = np.array([0, 1, 1, 1]), np.array([[3.0, -3], [2, -2], [1, -1], [0, 0]])
    assert question().sample(ranking, labels).prevalence == 0.25
    assert question(prevalence=0.01).sample(ranking, labels).prevalence == 0.01
    stated = Deciding(("argmax",), deployment={"ill": 0.2, "well": 0.8}).question(CLASSES, [SUBSET])
    assert stated is not None
    sample = stated.sample(ranking, labels)
    assert sample.prevalence == 0.2
    assert sample.log_odds.tolist() == [3, 2, 1, 0]
    assert sample.positive.tolist() == [True, False, False, False]


def test_a_threshold_moves_the_decision_to_where_it_was_chosen() -> None:
    log_odds, labels = np.array([-4.0, -3, -2, -1, 0]), np.array([1, 1, 0, 1, 0])
    table = held_out(log_odds, labels)
    rules = Deciding(("argmax", "threshold"))
    found = rules.decisions(NETWORK, CLASSES, SUBSET, table, rules.question(CLASSES, [SUBSET]))
    assert found["threshold"].constants.tolist() == [2.5, 0]
    logits = table[["logit_0", "logit_1"]].to_numpy()
    decided = {rule: each.scores(logits).argmax(axis=1).tolist() for rule, each in found.items()}
    assert decided == {"argmax": [1, 1, 1, 1, 0], "threshold": [1, 1, 0, 0, 0]}


@pytest.mark.parametrize("labels", [[], [1, 1, 1]])
def test_a_threshold_without_held_out_images_of_both_classes_is_refused(labels: list[int]) -> None:
    rules = Deciding(("argmax", "threshold"))
    table = held_out(np.zeros(len(labels)), np.array(labels, int))
    with pytest.raises(
        InputError, match="baseline, replicate 0: the rule threshold needs held-out images of both"
    ):
        rules.decisions(NETWORK, CLASSES, SUBSET, table, rules.question(CLASSES, [SUBSET]))


def test_a_replicate_that_cannot_be_calibrated_is_not_mixed_with_others_that_are() -> None:
    rules = Deciding(("argmax", "deployment"), deployment={"ill": 0.4, "well": 0.6})
    table = held_out(np.zeros(3), np.array([1, 1, 1]))
    with pytest.raises(InputError, match="replicate 0: the rule deployment needs held-out images of both"):
        rules.decisions(NETWORK, CLASSES, SUBSET, table, rules.question(CLASSES, [SUBSET]))


def test_probabilities_are_right_where_the_network_is_used_whatever_it_was_trained_on() -> None:
    """Networks that rank alike: of the data as they are; trained on equal classes; and too sure of itself."""
    rng = np.random.default_rng(0)
    labels = (np.arange(20_000) >= 2000).astype(int)
    log_odds = rng.normal(np.where(labels == 0, 1, -1), np.sqrt(2))  # right at equal shares
    deciding = Deciding(("argmax", "deployment"), deployment={"ill": 0.4, "well": 0.6})
    for distorted in (log_odds - np.log(9), log_odds, 5 * log_odds + 2):
        table = held_out(distorted, labels)
        (_, found) = deciding.decisions(
            NETWORK, CLASSES, SUBSET, table, deciding.question(CLASSES, [SUBSET])
        ).values()
        corrected = log_softmax(found.scores(table[["logit_0", "logit_1"]].to_numpy()), axis=1)
        right = log_odds + np.log(0.4 / 0.6)
        assert corrected[:, 0] - corrected[:, 1] == pytest.approx(right, abs=0.3)


def test_probabilities_are_calibrated_for_the_class_sizes_of_the_held_out_images() -> None:
    """Groups make them others than the training set's: 20 % of these are ill, of the training set 10 %."""
    rng = np.random.default_rng(0)
    labels = (np.arange(20_000) >= 4000).astype(int)
    log_odds = rng.normal(np.where(labels == 0, 1, -1), np.sqrt(2))  # right at equal shares
    table = held_out(log_odds, labels)
    deciding = Deciding(("argmax", "deployment"), deployment={"ill": 0.5, "well": 0.5})
    found = deciding.decisions(NETWORK, CLASSES, SUBSET, table, deciding.question(CLASSES, [SUBSET]))
    corrected = log_softmax(found["deployment"].scores(table[["logit_0", "logit_1"]].to_numpy()), axis=1)
    assert corrected[:, 0] - corrected[:, 1] == pytest.approx(log_odds, abs=0.3)


def test_without_held_out_images_the_probabilities_are_taken_for_those_of_the_training_set() -> None:
    deciding = Deciding(("argmax", "deployment"), deployment={"ill": 0.4, "well": 0.6})
    none = held_out(np.empty(0), np.empty(0, int))
    found = deciding.decisions(NETWORK, CLASSES, SUBSET, none, deciding.question(CLASSES, [SUBSET]))
    assert found["deployment"].constants == pytest.approx(np.log([0.4 / 0.1, 0.6 / 0.9]))
