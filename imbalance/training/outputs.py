"""The outputs of a method's replicates besides their weights, which the stage `evaluate` reads."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance.data import arrays, tables


class Outputs(NamedTuple):
    """The outputs of one replicate: test logits (N, C), its convergence, and the trials of its search.

    The column `kept` of the `trials` marks the network that was kept.
    """

    logits: NDArray[np.float32]
    convergence: pd.DataFrame
    trials: pd.DataFrame


def write(outputs: Sequence[Outputs], key: str, folder: Path) -> None:
    """Write the outputs of all replicates of the method `key`: logits (replicates, N, C), and two tables."""
    logits, curves, trials = zip(*outputs, strict=True)
    arrays.write(np.stack(logits), folder / "logits.npy")
    for name, parts in {"convergence": curves, "trials": trials}.items():
        table = pd.concat(parts, keys=range(len(outputs)), names=["replicate"]).reset_index("replicate")
        table.insert(0, "method", key)
        tables.write(table, folder / f"{name}.csv")
