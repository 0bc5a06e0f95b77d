"""Measure every method under every decision rule, and compare with the baseline."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from imbalance import datasets, metrics, subsets
from imbalance.config import load_params
from imbalance.decisions import RULES, scores
from imbalance.errors import InputError
from imbalance.statistics import compare, summarize
from imbalance.subsets import Subset, minority_classes
from stages import run

DIGITS = 6
METRICS = Path("metrics")
TABLES = Path("plots/tables")


def main() -> None:
    """data/predictions, plots/convergence -> metrics/<method>.json, plots/tables."""
    params = load_params()
    arrays = datasets.load(Path("data/raw") / params.dataset)
    drawn = subsets.load(Path("data/subset"))
    parts = [
        evaluate_method(key, load_logits(key), arrays.test_labels, arrays.classes, drawn) for key in params.methods
    ]
    tables = {name: pd.concat([part[name] for part in parts]) for name in parts[0]}
    tables["summary"] = summarize(tables["replicates"])
    tables["comparisons"] = compare(tables["replicates"])
    tables["convergence"] = pd.concat([pd.read_csv(f"plots/convergence/{key}.csv") for key in params.methods])

    TABLES.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        table.round(DIGITS).to_csv(TABLES / f"{name}.csv", index=False)
    METRICS.mkdir(exist_ok=True)
    (METRICS / "README.md").write_text("`<method>.json`: each measure's mean and 95 % half-width over the replicates.\n")
    for key in params.methods:
        report = json.dumps(metrics_tree(tables["summary"].query("method == @key")), indent=2, sort_keys=True)
        (METRICS / f"{key}.json").write_text(report + "\n")


def load_logits(key: str) -> np.ndarray:
    """Test logits (replicates, N, C) of a method."""
    file = Path("data/predictions") / key / "logits.npy"
    try:
        logits: np.ndarray = np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise InputError(f"{file} cannot be read ({error}); delete it and run `dvc repro`.") from error
    return logits


def evaluate_method(
    key: str, logits: np.ndarray, labels: np.ndarray, classes: tuple[str, ...], drawn: list[Subset]
) -> dict[str, pd.DataFrame]:
    """Long tables of one method: replicates (one row a measure), recall (a class), roc and confusion (means)."""
    measured, recalled, curves, confusions = [], [], [], []
    for replicate, (subset, scored) in enumerate(zip(drawn, logits, strict=True)):
        minority = minority_classes(subset.sizes)
        where = {"method": key, "replicate": replicate}
        ranking = scores("argmax", scored, subset.sizes)
        measured += [where | {"rule": "any", "measure": name, "value": value}
                     for name, value in metrics.ranking_measures(ranking, labels).items()]
        for group, members in (("minority", minority), ("majority", ~minority)):
            if members.any():
                tpr = metrics.mean_roc(ranking, labels, members)
                curves.append(pd.DataFrame({"method": key, "classes": group, "fpr": metrics.ROC_GRID, "tpr": tpr}))
        for rule in RULES:
            ruled = scores(rule, scored, subset.sizes)
            decided = ruled.argmax(axis=1)
            measured += [where | {"rule": rule, "measure": name, "value": value}
                         for name, value in metrics.decision_measures(ruled, labels, minority).items()]
            matrix = metrics.confusion(decided, labels, len(classes))
            confusions.append(
                pd.DataFrame(matrix, index=classes, columns=classes).rename_axis(index="actual", columns="predicted")
                .stack().rename("share").reset_index().assign(method=key, rule=rule)
            )
            recalled.append(pd.DataFrame({"method": key, "rule": rule, "replicate": replicate, "class": classes,
                                          "images": subset.sizes, "minority": minority, "recall": np.diag(matrix)}))
    return {
        "replicates": pd.DataFrame(measured)[["method", "rule", "measure", "replicate", "value"]],
        "recall": pd.concat(recalled),
        "roc": pd.concat(curves).groupby(["method", "classes", "fpr"], sort=False).mean().reset_index(),
        "confusion": pd.concat(confusions).groupby(["method", "rule", "actual", "predicted"], sort=False).mean().reset_index(),
    }


def metrics_tree(summary: pd.DataFrame) -> dict[str, Any]:
    """What `dvc metrics` shows of one method: {measure: {mean, ci95}}, those that depend on it under their rule."""
    tree: dict[str, Any] = {}
    for row in summary.itertuples():
        branch = tree if row.rule == "any" else tree.setdefault(row.rule, {})
        branch[row.measure] = {"mean": round(row.mean, DIGITS)}
        if row.n > 1:
            branch[row.measure]["ci95"] = round(row.high - row.mean, DIGITS)
    return tree


if __name__ == "__main__":
    run(main)
