"""Synthetic examples that enlarge the smaller classes, for images and for features alike."""

from collections.abc import Callable

import numpy as np
import torch
from imblearn.over_sampling import SMOTE
from numpy.typing import NDArray
from torch import Tensor

from imbalance.data.examples import Examples

Rows = NDArray[np.float64]


def fill_classes(
    examples: Examples, synthesize: Callable[[Rows, int], Rows], multiplier: float | None = None
) -> Examples:
    """Return the examples, followed by synthetic examples of the smaller classes.

    `synthesize` makes m synthetic rows (m, D) from the rows (n_c, D) of a class. Each class that is smaller
    than the largest grows to the size of the largest, or by the factor `multiplier`.
    """
    labels = examples.labels.numpy()
    rows = examples.tensor.numpy().reshape(len(labels), -1)
    made_rows, made_labels = [rows[:0].astype(np.float64)], [labels[:0]]
    sizes = np.bincount(labels)
    for label in np.flatnonzero((sizes > 0) & (sizes < sizes.max())):
        target = sizes.max() if multiplier is None else round(multiplier * sizes[label])
        wanted = int(target - sizes[label])
        made_rows.append(synthesize(rows[labels == label].astype(np.float64), wanted))
        made_labels.append(np.full(wanted, label))
    made = torch.from_numpy(np.concatenate(made_rows)).reshape(-1, *examples.tensor.shape[1:])
    made = restored(made, like=examples.tensor)
    return examples.and_also(Examples(made, torch.from_numpy(np.concatenate(made_labels))))


def restored(values: Tensor, like: Tensor) -> Tensor:
    """Return float values in the type of `like`: bytes are rounded, and kept between 0 and 255."""
    bounded = values if like.is_floating_point() else values.round().clamp(0, 255)
    return bounded.to(like.dtype)


def smote(examples: Examples, neighbors: int, rng: np.random.Generator) -> Examples:
    """Append synthetic examples by imbalanced-learn's SMOTE; a class's only example is repeated instead."""

    def synthesize(rows: Rows, wanted: int) -> Rows:
        if len(rows) == 1:
            return np.repeat(rows, wanted, axis=0)
        # SMOTE needs a larger class, up to whose size it fills; the rows of that class are never used
        other = np.zeros((len(rows) + wanted, rows.shape[1]))
        sampler = SMOTE(k_neighbors=min(neighbors, len(rows) - 1), random_state=int(rng.integers(2**31)))
        stacked, _ = sampler.fit_resample(
            np.concatenate([rows, other]), np.repeat([0, 1], [len(rows), len(other)])
        )
        return stacked[len(rows) + len(other) :]

    return fill_classes(examples, synthesize)


def gaussian_features(
    examples: Examples, multiplier: float | None, variance: float, shrinkage: float, rng: np.random.Generator
) -> Examples:
    """Append features drawn from N(m_c, variance * S_c), with a class's mean and its shrunk covariance."""
    pooled = within_class_covariance(examples)

    def synthesize(rows: Rows, wanted: int) -> Rows:
        return rows.mean(axis=0) + gaussian_noise(rows, pooled, wanted, variance, shrinkage, rng)

    return fill_classes(examples, synthesize, multiplier)


def perturbed_features(
    examples: Examples, multiplier: float | None, variance: float, shrinkage: float, rng: np.random.Generator
) -> Examples:
    """Append copies of random features of each smaller class, with noise from N(0, variance * S_c)."""
    pooled = within_class_covariance(examples)

    def synthesize(rows: Rows, wanted: int) -> Rows:
        chosen = rows[rng.integers(len(rows), size=wanted)]
        return chosen + gaussian_noise(rows, pooled, wanted, variance, shrinkage, rng)

    return fill_classes(examples, synthesize, multiplier)


def gaussian_noise(
    rows: Rows, pooled: Rows, wanted: int, variance: float, shrinkage: float, rng: np.random.Generator
) -> Rows:
    """Draw noise (wanted, D) with the shrunk covariance of `rows` (n, D), or `pooled` (D, D) if n is 1."""
    covariance = np.cov(rows, rowvar=False, bias=True) if len(rows) > 1 else pooled
    dimensions = rows.shape[1]
    sphere = np.trace(covariance) / dimensions * np.eye(dimensions)
    shrunk = variance * ((1 - shrinkage) * covariance + shrinkage * sphere)
    # by eigenvectors, not Cholesky: without shrinkage, the covariance of a small class is singular
    values, vectors = np.linalg.eigh(shrunk)
    return rng.standard_normal((wanted, dimensions)) * np.sqrt(values.clip(min=0)) @ vectors.T


def within_class_covariance(examples: Examples) -> Rows:
    """Return the within-class covariance (D, D) of features, pooled over all classes."""
    labels, rows = examples.labels.numpy(), examples.tensor.numpy().astype(np.float64)
    means = np.stack([rows[labels == label].mean(axis=0) for label in np.unique(labels)])
    return np.cov(rows - means[np.searchsorted(np.unique(labels), labels)], rowvar=False, bias=True)
