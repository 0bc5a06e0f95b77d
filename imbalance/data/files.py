"""Images that stay files: indexed like an array of images, but never in memory as a whole."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

DATA_DIR = "IMBALANCE_DATA_DIR"
SIDE = 224  # pixels, the side of a network's input (Krizhevsky et al. 2012; Buda et al. 2018, §3.3)


@dataclass(frozen=True)
class ImageFiles:
    """N image files that stand for images, uint8 (N, 3, 224, 224); imbalance/data/streams.py decodes them.

    `names` (N,) are the paths below `root`, as an array of bytes, which can stay on disk if it is large.
    """

    names: NDArray[np.bytes_]
    root: Path

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """The shape that the array of all images would have."""
        return len(self.names), 3, SIDE, SIDE

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, positions: NDArray[np.integer] | slice) -> Self:
        """Return the files at the given positions, without reading them."""
        return type(self)(self.names[positions], self.root)

    def path(self, position: int) -> Path:
        """Return the path of the file at a position."""
        return self.root / os.fsdecode(self.names[position])


def root(index: Path) -> Path:
    """Return the folder of the image files that are indexed in `data/raw/<dataset>`.

    It is the one that IMBALANCE_DATA_DIR names, or `data/<dataset>`: not one in data/raw, which DVC empties
    before it writes the index anew.
    """
    named = os.environ.get(DATA_DIR)
    return Path(named).expanduser() if named else index.parent.parent / index.name
