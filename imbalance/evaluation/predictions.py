"""What trainings leave to be evaluated: the test logits of every network, and how it came to be kept."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance.data import arrays, tables
from imbalance.errors import InputError
from imbalance.evaluation import schemas

Network = tuple[str, int]  # its method and replicate


@dataclass(frozen=True)
class Predictions:
    """The files of several methods, in `folder/<method>`, with logits of a `shape` (replicates, N, C) each.

    Whatever is read raises `InputError` where a file is missing or damaged.
    """

    folder: Path
    methods: tuple[str, ...]
    shape: tuple[int, int, int]

    def logits(self, method: str) -> NDArray[np.float32]:
        """The test logits (replicates, N, C) of a method, which must be finite."""
        logits = arrays.read(file := self.folder / method / "logits.npy")
        if logits.dtype != np.float32 or logits.shape != self.shape:
            raise InputError(
                f"{file} must be float32 {self.shape}, not {logits.dtype} {logits.shape}; {arrays.REPRO}"
            )
        if not np.isfinite(logits).all():
            raise InputError(f"{file} has values that are not finite numbers; {arrays.REPRO}")
        return logits

    def convergence(self) -> pd.DataFrame:
        """The points of the networks' curves (imbalance/training/records.py), of all methods."""
        return self._table("convergence", schemas.CONVERGENCE)

    def trials(self) -> pd.DataFrame:
        """The networks that were tried (imbalance/training/search.py), of all methods."""
        return self._table("trials", schemas.TRIALS)

    def _table(self, name: str, schema: schemas.Schema) -> pd.DataFrame:
        return pd.concat(tables.read(self.folder / method / f"{name}.csv", schema) for method in self.methods)


def stuck_networks(trials: pd.DataFrame) -> set[Network]:
    """The kept networks that are no better than a guess, so that no average has them.

    Raises `InputError` where every kept network is one of them.
    """
    kept = trials[trials["kept"]]
    stuck = kept.loc[kept["state"] == "stuck", ["method", "replicate"]]
    if len(stuck) == len(kept):
        raise InputError(
            "every network is stuck, as good as a guess; raise `budget`, or change the learning rate."
        )
    return set(stuck.itertuples(index=False, name=None))
