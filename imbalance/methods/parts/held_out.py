"""Measures on held-out data, by which methods tune, and a search selects.

Classes without an example are left out. Evaluation imports this module, and this module nothing of
evaluation, so that a new measure or decision rule re-trains nothing.
"""

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score


def recalls(scores: NDArray[np.floating], labels: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return the recalls of the classes among `labels` (M,) for the decisions argmax of scores (M, C)."""
    correct = scores.argmax(axis=1) == labels
    sizes = np.bincount(labels)
    return np.bincount(labels, weights=correct)[sizes > 0] / sizes[sizes > 0]


def mean_recall(scores: NDArray[np.floating], labels: NDArray[np.integer]) -> float:
    """Return the mean recall of the classes among `labels`, or balanced accuracy."""
    return float(recalls(scores, labels).mean())


def g_mean(scores: NDArray[np.floating], labels: NDArray[np.integer]) -> float:
    """Return the geometric mean of the recalls of the classes among `labels`."""
    return geometric_mean(recalls(scores, labels))


def geometric_mean(values: NDArray[np.float64]) -> float:
    """Return the geometric mean of values (C,) >= 0 as exp(mean of ln): a product of many would underflow."""
    with np.errstate(divide="ignore"):  # ln 0 = -inf, and the mean is 0
        return float(np.exp(np.log(values).mean()))


def log_odds(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the log-odds ln(p_c / (1 - p_c)) (N, C) of logits (N, C) of C > 1 classes.

    They are z_c minus the logsumexp of the other logits. They rank images like the probabilities
    p = softmax(z), and still differ where p is rounded to 1 in float64. Permuting the logits of the other
    classes changes no bit of the log-odds, so that ties stay ties.
    """
    relative = logits.astype(np.float64)
    relative -= relative.max(axis=1, keepdims=True)
    descending = -np.sort(-relative, axis=1)
    second = descending[:, 1:2]
    of_all_but_first = second + np.log1p(np.exp(descending[:, 2:] - second).sum(axis=1, keepdims=True))
    # For a class other than the first, the others' sum is 1 (the first) plus the rest without this class.
    is_first = relative == 0
    own = np.where(is_first, 0, np.exp(relative))
    of_others = np.log1p(np.exp(descending[:, 1:]).sum(axis=1, keepdims=True) - own)
    return relative - np.where(is_first, of_all_but_first, of_others)


def auc(logits: NDArray[np.floating], labels: NDArray[np.integer]) -> float:
    """Return the mean of the one-vs-rest ROC AUCs, the measure of Buda et al. (2018, §3.4).

    `logits` are (M, C), `labels` (M,), of two classes or more.
    """
    return float(class_aucs(log_odds(logits), labels).mean())


def class_aucs(ranking: NDArray[np.floating], labels: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return the one-vs-rest ROC AUC of each class among `labels` (M,), by its column of `ranking` (M, C)."""
    present = np.unique(labels)
    return roc_auc_score(labels[:, None] == present, ranking[:, present], average=None)
