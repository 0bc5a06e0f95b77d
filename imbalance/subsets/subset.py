"""Subsets: the training images of each replicate, drawn once and used by every method."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imbalance.data import arrays
from imbalance.errors import InputError

TRAINED_ON, TESTED_ON = 1, 2  # the roles of images for a replicate that has test images of its own


@dataclass(frozen=True)
class Subset:
    """The training set of one replicate: ascending image `indices` (n,) and class `sizes` (C,).

    `test` (N,) marks its test images among all, or is None if all replicates share all test images.
    """

    indices: NDArray[np.int64]
    sizes: NDArray[np.int64]
    test: NDArray[np.bool_] | None = None

    @property
    def tested(self) -> slice | NDArray[np.int64]:
        """The positions of its test images."""
        return slice(None) if self.test is None else np.flatnonzero(self.test)

    def among_all(self, logits: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return logits (m, C) of its test images as those (N, C) of all images, NaN where it tests none."""
        if self.test is None:
            return logits
        spread = np.full((len(self.test), logits.shape[1]), np.nan, np.float32)
        spread[self.test] = logits
        return spread


def draw(
    labels: NDArray[np.integer],
    sizes: NDArray[np.int64],
    rng: np.random.Generator,
    test: NDArray[np.bool_] | None = None,
) -> Subset:
    """Draw sizes[c] images of every class c, without replacement, among images with `labels` (N,).

    Images that the replicate tests (N,) are left out.
    """
    allowed = np.ones(len(labels), bool) if test is None else ~test
    chosen = [
        rng.choice(np.flatnonzero(allowed & (labels == label)), size, replace=False)
        for label, size in enumerate(sizes)
    ]
    return Subset(np.sort(np.concatenate(chosen)), sizes, test)


def minority_classes(sizes: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which classes (C,) are minority classes: those with fewer images than the average class.

    For a step profile these are exactly its small classes. For the other profiles this is our definition,
    since the papers give none. A balanced set has no minority class.
    """
    return sizes < sizes.mean()


def save(subsets: Sequence[Subset], folder: Path) -> None:
    """Write all replicates' subsets: indices (replicates, n) and sizes (replicates, C).

    If the replicates have test images of their own, roles (replicates, N) take the place of indices, since
    their numbers may differ: of N images, 1 marks a replicate's training images, and 2 its test images.
    """
    if (old := folder / "roles.npy").exists():
        old.unlink()
    tests = [subset.test for subset in subsets if subset.test is not None]
    if tests:
        roles = TESTED_ON * np.stack(tests).astype(np.uint8)
        for row, subset in zip(roles, subsets, strict=True):
            row[subset.indices] = TRAINED_ON
        arrays.write(roles, folder / "roles.npy")
    else:
        arrays.write(np.stack([subset.indices for subset in subsets]), folder / "indices.npy")
    arrays.write(np.stack([subset.sizes for subset in subsets]), folder / "sizes.npy")


def load(folder: Path, labels: NDArray[np.integer]) -> list[Subset]:
    """Read the subsets that `save` wrote; `labels` (N,) are those of all training images.

    Raises `InputError` if a file is missing or damaged, or does not fit the labels.
    """
    if (file := folder / "roles.npy").exists():
        return _of_roles(arrays.read(file), arrays.read(folder / "sizes.npy"), labels, folder)
    indices, sizes = (arrays.read(folder / f"{name}.npy") for name in ("indices", "sizes"))
    if problem := next(_problems(indices, sizes, labels), None):
        raise InputError(f"{folder}: {problem}; {arrays.REPRO}")
    return [Subset(*pair) for pair in zip(indices, sizes, strict=True)]


def _of_roles(
    roles: NDArray[Any], sizes: NDArray[Any], labels: NDArray[np.integer], folder: Path
) -> list[Subset]:
    """Return the subsets of replicates by the roles (replicates, N) of all images, and class sizes."""
    fits = roles.dtype == np.uint8 and roles.ndim == 2 and roles.shape[1:] == labels.shape
    fits = fits and sizes.dtype == np.int64 and sizes.ndim == 2 and len(sizes) == len(roles)
    if fits:
        found = [np.bincount(labels[row == TRAINED_ON], minlength=sizes.shape[1]) for row in roles]
        fits = [row.tolist() for row in found] == sizes.tolist() and (roles == TESTED_ON).any(axis=1).all()
    if not fits:
        raise InputError(f"{folder}: the roles of the images do not fit their labels; {arrays.REPRO}")
    return [
        Subset(np.flatnonzero(row == TRAINED_ON), own, row == TESTED_ON)
        for row, own in zip(roles, sizes, strict=True)
    ]


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
