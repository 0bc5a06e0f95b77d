"""The outputs of trainings that are evaluated: test logits, convergence and trials of every network."""

from dataclasses import dataclass, replace
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
    """The outputs of several methods in `folder/<method>`, each with logits of `shape` (replicates, N, C).

    If replicates have test images of their own, `tests` (replicates, N) marks them; other logits are NaN.
    Reading raises `InputError` if a file is missing or damaged.
    """

    folder: Path
    methods: tuple[str, ...]
    shape: tuple[int, int, int]
    tests: NDArray[np.bool_] | None = None

    def logits(self, method: str) -> NDArray[np.float32]:
        """Read the test logits (replicates, N, C) of a method, which must be finite."""
        logits = arrays.read(file := self.folder / method / "logits.npy")
        if logits.dtype != np.float32 or logits.shape != self.shape:
            raise InputError(
                f"{file} must be float32 {self.shape}, not {logits.dtype} {logits.shape}; {arrays.REPRO}"
            )
        if not np.isfinite(logits if self.tests is None else logits[self.tests]).all():
            raise InputError(f"{file} has values that are not finite numbers; {arrays.REPRO}")
        return logits

    def convergence(self) -> pd.DataFrame:
        """Read the convergence curves of all methods' networks (imbalance/training/records.py)."""
        return self._table("convergence", schemas.CURVE)

    def learning(self) -> pd.DataFrame:
        """Read the recalls of each class, by its number, along the curves of all methods' networks."""
        return self._table("learning", schemas.LEARNING)

    def trials(self) -> pd.DataFrame:
        """Read the trials of all methods' searches (imbalance/training/search.py)."""
        return self._table("trials", schemas.TRIALS)

    def held_out(self) -> pd.DataFrame:
        """Read labels and logits of held-out images, of those methods of two classes that held some out."""
        held_out = [method for method in self.methods if (self.folder / method / "validation.csv").exists()]
        if not held_out:
            return pd.DataFrame(columns=list(schemas.HELD_OUT))
        return replace(self, methods=tuple(held_out))._table("validation", schemas.HELD_OUT)

    def _table(self, name: str, schema: schemas.Schema) -> pd.DataFrame:
        return pd.concat(tables.read(self.folder / method / f"{name}.csv", schema) for method in self.methods)


def stuck_networks(trials: pd.DataFrame) -> set[Network]:
    """Return the kept networks that are stuck, no better than a guess, and so left out of all averages.

    Raises `InputError` if all kept networks are stuck.
    """
    kept = trials[trials["kept"]]
    stuck = kept.loc[kept["state"] == "stuck", ["method", "replicate"]]
    if len(stuck) == len(kept):
        raise InputError(
            "every network is stuck, as good as a guess; raise `budget`, or change the learning rate."
        )
    return set(stuck.itertuples(index=False, name=None))
