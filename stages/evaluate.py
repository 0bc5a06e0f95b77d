"""Measure every method under every decision rule, and compare with the baseline."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance import arrays, subsets
from imbalance.config import load_params
from imbalance.errors import InputError
from imbalance.evaluation import evaluate_network
from imbalance.statistics import compare, summarize
from stages import run

DIGITS = 6
PREDICTIONS = Path("data/predictions")
METRICS = Path("metrics")
TABLES = Path("plots/tables")


def main() -> None:
    """data/predictions -> metrics/<method>.json, plots/tables/<name>.csv."""
    params = load_params()
    dataset = arrays.load(Path("data/raw") / params.dataset)
    drawn = subsets.load(Path("data/subset"))
    parts = {
        (key, replicate): evaluate_network(
            logits, dataset.test_labels, dataset.classes, subset, params.rules, params.tau
        )
        for key in params.methods
        for replicate, (subset, logits) in enumerate(zip(drawn, load_logits(key), strict=True))
    }
    names = next(iter(parts.values()))
    tables = {name: stack({key: part[name] for key, part in parts.items()}) for name in names}
    for name in ("confusion", "roc"):
        tables[name] = mean_of_replicates(tables[name])
    tables["summary"] = summarize(tables["replicates"])
    tables["comparisons"] = compare(tables["replicates"])
    curves = [pd.read_csv(PREDICTIONS / key / "convergence.csv") for key in params.methods]
    tables["convergence"] = pd.concat(curves)

    TABLES.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        table.round(DIGITS).to_csv(TABLES / f"{name}.csv", index=False)
    METRICS.mkdir(exist_ok=True)
    for key, summary in tables["summary"].groupby("method"):
        text = json.dumps(metrics_tree(summary), indent=2, sort_keys=True)
        (METRICS / f"{key}.json").write_text(f"{text}\n")


def load_logits(key: str) -> NDArray[np.float32]:
    """Test logits (replicates, N, C) of a method."""
    file = PREDICTIONS / key / "logits.npy"
    try:
        return np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise InputError(f"{file} cannot be read ({error}); delete it and run `dvc repro`.") from error


def stack(parts: dict[tuple[str, int], pd.DataFrame]) -> pd.DataFrame:
    """One table of the tables of all methods and replicates, with columns that tell them apart."""
    return pd.concat(parts, names=["method", "replicate"]).reset_index(["method", "replicate"])


def mean_of_replicates(table: pd.DataFrame) -> pd.DataFrame:
    """The last column averaged over the replicates, by all the others."""
    *keys, value = table.columns.drop("replicate")
    return table.groupby(keys, sort=False)[value].mean().reset_index()


def metrics_tree(summary: pd.DataFrame) -> dict[str, Any]:
    """What `dvc metrics` shows of one method: {measure: {mean, ci95}}, below its rule where rules differ."""
    tree: dict[str, Any] = {}
    for row in summary.itertuples():
        branch = tree if row.rule == "any" else tree.setdefault(row.rule, {})
        branch[row.measure] = {"mean": round(row.mean, DIGITS)}
        if row.n > 1:
            branch[row.measure]["ci95"] = round(row.high - row.mean, DIGITS)
    return tree


if __name__ == "__main__":
    run(main)
