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
    `validation` has labels and logits of the held-out images, if there are any and two classes.
    """

    logits: NDArray[np.float32]
    convergence: pd.DataFrame
    learning: pd.DataFrame
    trials: pd.DataFrame
    digest: str
    validation: pd.DataFrame | None = None


def of_two_classes(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> pd.DataFrame | None:
    """Return the labels (M,) and logits (M, C) of held-out images as a table, if there are two classes.

    By them, evaluation chooses thresholds (imbalance/evaluation/working_points.py). None without any image.
    """
    if not len(labels) or logits.shape[1] != 2:
        return None
    first, second = logits.astype(np.float64).T
    return pd.DataFrame({"label": labels, "logit_0": first, "logit_1": second})


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
    if held_out := [each.validation for each in outputs if each.validation is not None]:
        stacked["validation"] = held_out
    for name, parts in stacked.items():
        table = pd.concat(parts, keys=range(len(outputs)), names=["replicate"]).reset_index("replicate")
        table.insert(0, "method", key)
        tables.write(table, folder / f"{name}.csv")
