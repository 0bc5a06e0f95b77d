"""The training images of each replicate: drawn once, used by every method."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imbalance.errors import InputError


@dataclass(frozen=True)
class Subset:
    """One replicate's training set: `indices` (n,) of images, ascending, and `sizes` (C,) of the classes."""

    indices: NDArray[np.int64]
    sizes: NDArray[np.int64]


def draw(labels: NDArray[np.integer], sizes: NDArray[np.int64], rng: np.random.Generator) -> Subset:
    """Draw sizes[c] images of every class c among all training `labels` (N,), without replacement."""
    chosen = [
        rng.choice(np.flatnonzero(labels == label), size, replace=False) for label, size in enumerate(sizes)
    ]
    return Subset(indices=np.sort(np.concatenate(chosen)), sizes=sizes)


def minority_classes(sizes: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of the classes (C,) are minority: those with fewer images than the average class.

    For a step profile these are exactly its small classes; for the others it is our definition, since
    the papers give none. A balanced set has no minority class.
    """
    return sizes < sizes.mean()


def save(subsets: Sequence[Subset], folder: Path) -> None:
    """Write all replicates' subsets: indices (replicates, n) and sizes (replicates, C)."""
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "indices.npy", np.stack([subset.indices for subset in subsets]))
    np.save(folder / "sizes.npy", np.stack([subset.sizes for subset in subsets]))


def load(folder: Path) -> list[Subset]:
    """Read what `save` wrote."""
    try:
        indices = np.load(folder / "indices.npy", allow_pickle=False)
        sizes = np.load(folder / "sizes.npy", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise InputError(f"{folder} holds no subsets ({error}); delete it and run `dvc repro`.") from error
    return [Subset(*pair) for pair in zip(indices, sizes, strict=True)]
