"""What methods that tune themselves maximise on held-out data. Classes without an example do not count."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax
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
    return float(np.prod(recalls(scores, labels)) ** (1 / len(np.unique(labels))))


def auc(scores: NDArray[np.floating], labels: NDArray[np.integer]) -> float:
    """ROC AUC of probabilities, one-vs-rest, mean of the classes: what Buda et al. (2018) judge networks by.

    As imbalance/metrics.py reports it, where every class has examples.
    """
    present = np.unique(labels)
    ranking = log_softmax(scores.astype(np.float64), axis=1)[:, present]
    return float(roc_auc_score(labels[:, None] == present, ranking, average="macro"))
