"""Measures against hand-made numbers and scikit-learn's own."""

import numpy as np
import pytest
from scipy.special import log_softmax, softmax
from sklearn.metrics import balanced_accuracy_score, roc_auc_score

from imbalance.evaluation.metrics import (
    ROC_GRID,
    calibration_error,
    class_rankings,
    confusion,
    decision_measures,
    mean_roc,
    ranking_measures,
)
from imbalance.methods.parts.held_out import recalls


def test_auc_of_the_hand_example_whatever_the_scale() -> None:
    labels, scores = np.array([1, 0, 1, 0]), np.array([0.9, 0.8, 0.3, 0.1])
    for scale in (1, 7):
        both = np.stack([-scores, scores], axis=1) * scale
        assert class_rankings(both, labels)["auc"].tolist() == [0.75, 0.75]


def random_case(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(5), 40)
    return log_softmax(rng.normal(size=(200, 5)) + 2 * np.eye(5)[labels], axis=1), labels


def test_means_are_over_all_classes_and_over_the_minority() -> None:
    scores, labels = random_case()
    of_classes, minority = class_rankings(scores, labels), np.arange(5) < 2
    measures = ranking_measures(of_classes, minority)
    for label in range(5):
        truth = labels == label
        positives, negatives = scores[truth, label], scores[~truth, label]
        wins = (positives[:, None] > negatives).mean()
        assert of_classes["auc"][label] == pytest.approx(wins, abs=1e-12)
        ranks = np.argsort(np.argsort(-scores[:, label])) + 1
        precisions = [(ranks[truth] <= rank).sum() / rank for rank in ranks[truth]]
        assert of_classes["average_precision"][label] == pytest.approx(np.mean(precisions), abs=1e-12)
    for name, values in of_classes.items():
        assert measures[name] == pytest.approx(values.mean(), abs=1e-12)
        assert measures[f"minority_{name}"] == pytest.approx(values[:2].mean(), abs=1e-12)
    assert ranking_measures(of_classes, minority=np.zeros(5, bool)).keys() == {"auc", "average_precision"}


def test_auc_is_scikit_learns_one_vs_rest_macro() -> None:
    scores, labels = random_case()
    expected = roc_auc_score(labels, np.exp(scores), multi_class="ovr", average="macro")
    assert class_rankings(scores, labels)["auc"].mean() == pytest.approx(expected, abs=1e-12)


def test_decision_measures_by_hand() -> None:
    labels = np.array([0, 0, 0, 0, 1, 1, 2, 2])
    decided = np.array([0, 0, 0, 1, 1, 1, 0, 2])
    scores = np.log(np.full((8, 3), 0.1) + 0.7 * np.eye(3)[decided])
    measures = decision_measures(scores, labels, minority=np.array([False, True, True]))
    assert measures["accuracy"] == 6 / 8
    assert measures["balanced_accuracy"] == pytest.approx((3 / 4 + 1 + 1 / 2) / 3)
    assert measures["minority_recall"] == 3 / 4
    assert measures["majority_recall"] == 3 / 4
    assert measures["worst_recall"] == 1 / 2
    assert measures["g_mean"] == pytest.approx((3 / 4 * 1 / 2) ** (1 / 3))
    # precision 3/4, 2/3, 1 and recall 3/4, 1, 1/2
    assert measures["macro_f1"] == pytest.approx((3 / 4 + 4 / 5 + 2 / 3) / 3)
    # right: 2 * 0.1^2 + 0.2^2 = 0.06; wrong: 0.8^2 + 0.9^2 + 0.1^2 = 1.46
    assert measures["brier"] == pytest.approx((6 * 0.06 + 2 * 1.46) / 8)
    assert measures["calibration_error"] == pytest.approx(0.8 - 6 / 8)


def test_a_class_never_decided_gives_g_mean_zero_and_no_crash() -> None:
    scores = np.log(np.tile([0.6, 0.3, 0.1], (6, 1)))
    measures = decision_measures(scores, np.repeat([0, 1, 2], 2), np.array([False, False, False]))
    assert measures["g_mean"] == measures["worst_recall"] == measures["matthews"] == 0
    assert not {"minority_recall", "majority_recall"} & measures.keys()


def test_the_g_mean_of_many_classes_does_not_underflow() -> None:
    labels = np.repeat(np.arange(1000), 100)
    decided = np.where(np.arange(len(labels)) % 100 < 43, labels, (labels + 1) % 1000)
    scores = np.zeros((len(labels), 1000), np.float32)
    scores[np.arange(len(labels)), decided] = 1
    assert decision_measures(scores, labels, np.zeros(1000, bool))["g_mean"] == pytest.approx(0.43)


def test_recalls_and_confusion_agree_with_scikit_learn() -> None:
    scores, labels = random_case()
    decided = scores.argmax(1)
    balanced = decision_measures(scores, labels, np.zeros(5, bool))["balanced_accuracy"]
    assert balanced == pytest.approx(balanced_accuracy_score(labels, decided))
    shares = confusion(decided, labels, 5)
    assert shares.sum(axis=1) == pytest.approx(np.ones(5))
    assert np.diag(shares).tolist() == recalls(scores, labels).tolist()


def test_calibration_error_of_a_calibrated_and_of_an_overconfident_classifier() -> None:
    rng = np.random.default_rng(0)
    probabilities = softmax(rng.normal(size=(200_000, 3)), axis=1)
    calibrated = (rng.random(200_000)[:, None] > probabilities.cumsum(axis=1)).sum(axis=1)
    assert calibration_error(probabilities, calibrated) < 0.005
    certain = np.tile([1.0, 0.0], (100, 1))
    assert calibration_error(certain, np.repeat([0, 1], [70, 30])) == pytest.approx(0.3)


def test_mean_roc_integrates_to_the_auc() -> None:
    scores, labels = random_case()
    tpr = mean_roc(scores, labels, np.ones(5, bool))
    seen = np.isfinite(tpr)
    # one false positive of 160 negatives
    assert np.array_equal(seen, (ROC_GRID == 0) | (ROC_GRID >= 1 / 160))
    tpr = tpr[seen]
    assert np.trapezoid(tpr, ROC_GRID[seen]) == pytest.approx(
        class_rankings(scores, labels)["auc"].mean(), abs=0.01
    )
    assert (np.diff(tpr) >= 0).all()
    assert tpr[-1] == 1
