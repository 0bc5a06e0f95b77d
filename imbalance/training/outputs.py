"""The outputs of a method's replicates besides their weights, which the stage `evaluate` reads."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance.data import arrays, tables


class Outputs(NamedTuple):
    """The outputs of one replicate: test logits (N, C), convergence, recalls while training, and trials.

    The column `kept` of the `trials` marks the network that was kept; `digest` is the hash of its weights.
    """

    logits: NDArray[np.float32]
    convergence: pd.DataFrame
    learning: pd.DataFrame
    trials: pd.DataFrame
    digest: str


def write(outputs: Sequence[Outputs], key: str, folder: Path) -> None:
    """Write the outputs of all replicates of the method `key`: logits (replicates, N, C), and the tables.

    With the hashes of the weights among them, equal outputs mean equal networks.
    """
    arrays.write(np.stack([each.logits for each in outputs]), folder / "logits.npy")
    stacked = {
        "convergence": [each.convergence for each in outputs],
        "learning": [each.learning for each in outputs],
        "trials": [each.trials for each in outputs],
        "weights": [pd.DataFrame({"sha256": [each.digest]}) for each in outputs],
    }
    for name, parts in stacked.items():
        table = pd.concat(parts, keys=range(len(outputs)), names=["replicate"]).reset_index("replicate")
        table.insert(0, "method", key)
        tables.write(table, folder / f"{name}.csv")
