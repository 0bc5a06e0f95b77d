"""Subsets: the training images of each replicate, drawn once and used by every method."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imbalance.data import arrays
from imbalance.errors import InputError


@dataclass(frozen=True)
class Subset:
    """The training set of one replicate: ascending image `indices` (n,) and class `sizes` (C,)."""

    indices: NDArray[np.int64]
    sizes: NDArray[np.int64]


def draw(labels: NDArray[np.integer], sizes: NDArray[np.int64], rng: np.random.Generator) -> Subset:
    """Draw sizes[c] images of every class c, without replacement, among images with `labels` (N,)."""
    chosen = [
        rng.choice(np.flatnonzero(labels == label), size, replace=False) for label, size in enumerate(sizes)
    ]
    return Subset(indices=np.sort(np.concatenate(chosen)), sizes=sizes)


def minority_classes(sizes: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which classes (C,) are minority classes: those with fewer images than the average class.

    For a step profile these are exactly its small classes. For the other profiles this is our definition,
    since the papers give none. A balanced set has no minority class.
    """
    return sizes < sizes.mean()


def save(subsets: Sequence[Subset], folder: Path) -> None:
    """Write all replicates' subsets: indices (replicates, n) and sizes (replicates, C)."""
    arrays.write(np.stack([subset.indices for subset in subsets]), folder / "indices.npy")
    arrays.write(np.stack([subset.sizes for subset in subsets]), folder / "sizes.npy")


def load(folder: Path, labels: NDArray[np.integer]) -> list[Subset]:
    """Read the subsets that `save` wrote; `labels` (N,) are those of all training images.

    Raises `InputError` if a file is missing or damaged, or does not fit the labels.
    """
    indices, sizes = (arrays.read(folder / f"{name}.npy") for name in ("indices", "sizes"))
    if problem := next(_problems(indices, sizes, labels), None):
        raise InputError(f"{folder}: {problem}; {arrays.REPRO}")
    return [Subset(*pair) for pair in zip(indices, sizes, strict=True)]


def _problems(indices: NDArray[Any], sizes: NDArray[Any], labels: NDArray[np.integer]) -> Iterator[str]:
    """Yield the inconsistencies of the arrays; each check relies on those before it having passed."""
    for name, array in {"indices": indices, "sizes": sizes}.items():
        if array.dtype != np.int64 or array.ndim != 2 or array.size == 0:
            yield f"{name} must be int64 with a row for each replicate, not {array.dtype} {array.shape}"
    if len(indices) != len(sizes):
        yield f"indices are of {len(indices)} replicates, but sizes of {len(sizes)}"
    if indices.min() < 0 or (np.diff(indices) <= 0).any():
        yield "indices must be positions of images, ascending, each once"
    if sizes.min() < 0 or (sizes.sum(axis=1) != indices.shape[1]).any():
        yield f"sizes must add up to the {indices.shape[1]} indices"
    if indices.max() >= len(labels):
        yield f"indices go up to {indices.max()}, but there are {len(labels)} images"
    for chosen, promised in zip(indices, sizes, strict=True):
        found = np.bincount(labels[chosen], minlength=len(promised))
        if found.tolist() != promised.tolist():
            yield f"by the indices, the classes have {found} images, but {promised} by the sizes"
