"""The findings on depth, by numbers that are computed in another way."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tools.findings import depth

TABLES = Path("studies/depth/plots/tables")
DEEP, SHALLOW = "resnet56", "small_cifar"


def f1(network: str, rho: int) -> np.ndarray:
    """The macro F1 of each replicate."""
    table = pd.read_csv(TABLES / f"network={network},rho={rho}/replicates.csv")
    chosen = table.query("measure == 'macro_f1' and rule == 'argmax'").sort_values("replicate")
    return chosen["value"].to_numpy()


def learning(network: str, rho: int) -> list[float]:
    """The mean over the schedule of the recall in training, half minority, of each replicate."""
    table = pd.read_csv(TABLES / f"network={network},rho={rho}/convergence.csv")
    names = ["train_accuracy"] if rho == 1 else ["minority_train_recall", "majority_train_recall"]
    return [float(curve[names].to_numpy().mean()) for _, curve in table.groupby("replicate")]


def test_the_table_has_the_means_of_the_replicates() -> None:
    rows = {tuple(line.split(" | ")[:2]): line for line in depth.table("depth").splitlines()[2:]}
    assert len(rows) == 6
    for rho in (1, 50):
        row = rows[f"| {rho}", DEEP]
        shown = [float(cell) for cell in row.strip("| ").split(" | ")[2:]]
        assert shown[0] == round(100 * f1(DEEP, rho).mean(), 1)
        assert shown[2] == round(100 * float(np.mean(learning(DEEP, rho))), 1)


@pytest.mark.parametrize(("measure", "of"), [("macro_f1", f1), ("learning", learning)])
def test_networks_are_compared_by_replicate(measure: str, of: Callable[[str, int], Sequence[float]]) -> None:
    found = depth.between(depth.by_network("depth"), measure, 50, DEEP, SHALLOW)
    difference = np.array(of(DEEP, 50)) - np.array(of(SHALLOW, 50))
    low, high = stats.t.interval(0.95, 3, difference.mean(), stats.sem(difference))
    assert (found.mean, found.low, found.high) == pytest.approx((difference.mean(), low, high), abs=1e-6)


def test_a_cost_is_what_imbalance_takes_away() -> None:
    values = depth.by_network("depth")
    assert depth.cost(values, DEEP).tolist() == pytest.approx(list(f1(DEEP, 1) - f1(DEEP, 50)), abs=1e-6)
    assert sum("imbalance costs resnet56" in sentence for sentence in depth.sentences("depth")) == 1
