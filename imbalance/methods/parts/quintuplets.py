"""Clusters within classes, and the quintuplets of large margin local embedding (Huang et al. 2016)."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from torch import Tensor

from imbalance.methods.parts.samplers import Indices, Labels

Rows = NDArray[np.float32]
FAR = 100.0  # from all features of norm 1


def clusters(rows: Rows, labels: Labels, size: int, rng: np.random.Generator) -> Indices:
    """Return the clusters of rows (m, D), numbered within each class."""
    found = np.zeros(len(labels), np.int64)
    for label in np.unique(labels):
        own = rows[labels == label]
        means = KMeans(-(-len(own) // size), random_state=int(rng.integers(2**31)))
        found[labels == label] = means.fit_predict(own)
    return found


def quintuplets(rows: Rows, labels: Labels, found: Indices) -> Indices:
    """Return a, p+, p-, p--, n (m, 5) of unit vectors (m, D) with their clusters; p- = p+ if there is one."""
    table = np.empty((len(labels), 5), np.int64)
    for label in np.unique(labels):
        own, others = np.flatnonzero(labels == label), np.flatnonzero(labels != label)
        similarity = rows[own] @ rows[own].T
        together = found[own][:, None] == found[own]
        farthest = np.where(together, similarity, np.inf).argmin(axis=1)
        nearest = np.where(together, -np.inf, similarity).argmax(axis=1)
        table[own, 0] = own
        table[own, 1] = own[farthest]
        table[own, 2] = own[farthest if together.all() else nearest]
        table[own, 3] = own[similarity.argmin(axis=1)]
        table[own, 4] = others[(rows[own] @ rows[others].T).argmax(axis=1)]
    return table


def triple_header(distances: Tensor, margins: Sequence[float], several: Tensor) -> Tensor:
    """Return the losses (...) of distances (..., 4); the first two terms need `several` clusters."""
    gaps = (distances[..., :-1] - distances[..., 1:] + distances.new_tensor(margins)).relu()
    return torch.where(several, gaps[..., 0] + gaps[..., 1], 0) + gaps[..., 2]


def cluster_centers(rows: Rows, labels: Labels, found: Indices, classes: int) -> Tensor:
    """Return the means (C, K, D) of the clusters; where a class has fewer than K, the others are far away."""
    means = []
    for label in range(classes):
        own, numbers = rows[labels == label], found[labels == label]
        means.append([own[numbers == number].mean(axis=0) for number in np.unique(numbers)])
    centers = np.full((classes, max(map(len, means)), rows.shape[1]), FAR, np.float32)
    for label, of_class in enumerate(means):
        centers[label, : len(of_class)] = np.reshape(of_class, (-1, rows.shape[1]))
    return torch.from_numpy(centers)
