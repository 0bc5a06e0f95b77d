"""What the replicates of a method leave besides weights, for the stage `evaluate`."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance.data import arrays, tables


class Outputs(NamedTuple):
    """Of one replicate: test logits (N, C), the points of its convergence, and the networks that were tried.

    The column `kept` of the `trials` says which of them was kept.
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
