"""Measures of one network on a test set with images of every class; scikit-learn's where it has them."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    confusion_matrix,
    f1_score,
    matthews_corrcoef,
    roc_curve,
)

from imbalance.evaluation.decisions import Scores
from imbalance.methods.parts.held_out import class_aucs, geometric_mean, recalls

Labels = NDArray[np.integer]

CALIBRATION_BINS = 15
OF_PROBABILITIES = ("brier", "calibration_error")
# False positive rates: 0, and from 1e-4 (a tenth of a false positive in a thousand negatives) evenly in log.
ROC_GRID = np.concatenate([[0.0], np.logspace(-4, 0, 81)])


def class_rankings(ranking: Scores, labels: Labels) -> dict[str, NDArray[np.float64]]:
    """Return the one-vs-rest ranking measures (C,) of the classes, the same under every decision rule.

    auc: ROC AUC. average_precision: area under the precision-recall curve; for a random ranking, it is the
    class's share of the test set, so that it demands more of a small class than the AUC does.
    Rankings (N, C) are used column by column, and never renormalised by row.
    """
    truth = _one_hot(labels, ranking.shape[1])
    return {
        "auc": class_aucs(ranking, labels),
        "average_precision": average_precision_score(truth, ranking, average=None),
    }


def ranking_measures(
    of_classes: dict[str, NDArray[np.float64]], minority: NDArray[np.bool_]
) -> dict[str, float]:
    """Return the unweighted means of `class_rankings` over all classes and over `minority` (C,), if any.

    auc is the mean of the one-vs-rest AUCs (Provost & Domingos 2003; Buda et al. 2018, §3.4).
    """
    measures = {name: float(values.mean()) for name, values in of_classes.items()}
    if minority.any():
        measures |= {
            f"minority_{name}": float(values[minority].mean()) for name, values in of_classes.items()
        }
    return measures


def decision_measures(scores: Scores, labels: Labels, minority: NDArray[np.bool_]) -> dict[str, float]:
    """Return the measures of the decisions argmax(scores), and of the probabilities softmax(scores).

    `minority` (C,) marks the minority classes in training; minority_recall and majority_recall are the mean
    recalls of the two groups, and are left out if there is no minority. Accuracy is that of the test set as
    it is: it equals the mean recall only if its classes have equal sizes.
    """
    decided = scores.argmax(axis=1)
    of_classes = recalls(scores, labels)
    probabilities = softmax(scores, axis=1)
    classes = range(scores.shape[1])
    measures = {
        "accuracy": float(np.mean(decided == labels)),
        "balanced_accuracy": float(of_classes.mean()),
        "worst_recall": float(of_classes.min()),
        "g_mean": geometric_mean(of_classes),
        "macro_f1": float(f1_score(labels, decided, average="macro", labels=classes, zero_division=0)),
        "matthews": float(matthews_corrcoef(labels, decided)),
        "brier": float(brier_score_loss(labels, probabilities, labels=classes, scale_by_half=False)),
        "calibration_error": calibration_error(probabilities, labels),
    }
    if minority.any():
        measures["minority_recall"] = float(of_classes[minority].mean())
        measures["majority_recall"] = float(of_classes[~minority].mean())
    return measures


def confusion(decided: Labels, labels: Labels, classes: int) -> NDArray[np.float64]:
    """Return the confusion matrix (C, C): row c has the shares of class c's images that get each decision."""
    return confusion_matrix(labels, decided, labels=range(classes), normalize="true")


def calibration_error(probabilities: NDArray[np.float64], labels: Labels) -> float:
    """Return the expected calibration error (Guo et al. 2017).

    It is the mean of |accuracy - confidence| over 15 bins of confidence, weighted by their numbers of images.
    """
    confidence = probabilities.max(axis=1)
    correct = probabilities.argmax(axis=1) == labels
    bins = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    gaps = np.bincount(bins, weights=correct - confidence, minlength=CALIBRATION_BINS)
    return float(np.abs(gaps).sum() / len(labels))


def mean_roc(ranking: Scores, labels: Labels, of_classes: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the mean one-vs-rest ROC curve of some classes: true positive rates at `ROC_GRID`.

    They are NaN between 0 and 1 / negatives, where no false positive rate can be observed.
    """
    truth = _one_hot(labels, ranking.shape[1])
    curves = []
    for label in np.flatnonzero(of_classes):
        fpr, tpr, _ = roc_curve(truth[:, label], ranking[:, label], drop_intermediate=False)
        negatives = np.count_nonzero(~truth[:, label])
        unseen = (ROC_GRID > 0) & (ROC_GRID * negatives < 1)
        curves.append(np.where(unseen, np.nan, np.interp(ROC_GRID, fpr, tpr)))
    return np.mean(curves, axis=0)


def _one_hot(labels: Labels, classes: int) -> NDArray[np.bool_]:
    """Return labels (N,) as indicators (N, C)."""
    return labels[:, None] == np.arange(classes)
