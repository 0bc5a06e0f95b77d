"""Images that stay files: counted and chosen from like an array of images, but never in memory as a whole."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

DATA_DIR = "IMBALANCE_DATA_DIR"
SIDE = 224  # pixels of an image as networks see it (Krizhevsky et al. 2012; Buda et al. 2018, §3.3)


@dataclass(frozen=True)
class ImageFiles:
    """N image files in place of their images, uint8 (N, 3, 224, 224); imbalance/data/streams.py decodes them.

    `names` (N,) are paths below `root`, in bytes: an array, so that a million of them can stay on disk.
    """

    names: NDArray[np.bytes_]
    root: Path

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """That of the array of all images."""
        return len(self.names), 3, SIDE, SIDE

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, positions: NDArray[np.integer] | slice) -> Self:
        """The files at some positions; none is read."""
        return type(self)(self.names[positions], self.root)

    def path(self, position: int) -> Path:
        """Where the file at a position lies."""
        return self.root / os.fsdecode(self.names[position])


def root(index: Path) -> Path:
    """The folder of the images of an index `data/raw/<dataset>`: the one that IMBALANCE_DATA_DIR names, or
    `data/<dataset>`. Not in data/raw, where DVC deletes what is there before it makes the index anew.
    """
    named = os.environ.get(DATA_DIR)
    return Path(named).expanduser() if named else index.parent.parent / index.name
