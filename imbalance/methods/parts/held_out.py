"""Measures on held-out images, for methods that tune by them and for a search that selects by them.

Classes without an example do not count. Evaluation uses these functions too, and never the other way round:
so a new measure or decision rule trains nothing again.
"""

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score


def recalls(scores: NDArray[np.floating], labels: NDArray[np.integer]) -> NDArray[np.float64]:
    """Recalls of the classes among `labels` (M,) when argmax of scores (M, C) decides."""
    correct = scores.argmax(axis=1) == labels
    sizes = np.bincount(labels)
    return np.bincount(labels, weights=correct)[sizes > 0] / sizes[sizes > 0]


def mean_recall(scores: NDArray[np.floating], labels: NDArray[np.integer]) -> float:
    """The balanced accuracy."""
    return float(recalls(scores, labels).mean())


def g_mean(scores: NDArray[np.floating], labels: NDArray[np.integer]) -> float:
    """The geometric mean of the recalls."""
    return geometric_mean(recalls(scores, labels))


def geometric_mean(values: NDArray[np.float64]) -> float:
    """The geometric mean of values (C,) >= 0, as exp(mean of ln): a product of many recalls underflows."""
    with np.errstate(divide="ignore"):  # ln 0 = -inf, and the mean is 0
        return float(np.exp(np.log(values).mean()))


def log_odds(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """Log-odds ln(p_c / (1 - p_c)) of every class, by logits (N, C) of C > 1 classes: (N, C).

    Each is z_c - logsumexp of the other logits. They rank images as the probabilities p = softmax(z) do, and
    still tell apart those whose p is 1 in doubles. Equal logits of other classes, in any order, give equal
    log-odds to the last bit, so that ties stay ties.
    """
    relative = logits.astype(np.float64)
    relative -= relative.max(axis=1, keepdims=True)
    descending = -np.sort(-relative, axis=1)
    second = descending[:, 1:2]
    of_all_but_first = second + np.log1p(np.exp(descending[:, 2:] - second).sum(axis=1, keepdims=True))
    # Of a class below the first, the others' sum is 1, the first, and what remains of the rest's sum.
    is_first = relative == 0
    own = np.where(is_first, 0, np.exp(relative))
    of_others = np.log1p(np.exp(descending[:, 1:]).sum(axis=1, keepdims=True) - own)
    return relative - np.where(is_first, of_all_but_first, of_others)


def auc(logits: NDArray[np.floating], labels: NDArray[np.integer]) -> float:
    """The mean of the classes' one-vs-rest ROC AUCs, by which Buda et al. (2018) judge networks (§3.4).

    `logits` are (M, C), `labels` (M,), of two classes or more.
    """
    return float(class_aucs(log_odds(logits), labels).mean())


def class_aucs(ranking: NDArray[np.floating], labels: NDArray[np.integer]) -> NDArray[np.float64]:
    """ROC AUC of each class among `labels` (M,), one-vs-rest, by its own column of `ranking` (M, C)."""
    present = np.unique(labels)
    return roc_auc_score(labels[:, None] == present, ranking[:, present], average=None)
