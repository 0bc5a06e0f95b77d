"""Measure every method under every decision rule, and compare with the baseline."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance.config import load_params
from imbalance.data import arrays
from imbalance.disk import replacing
from imbalance.errors import InputError
from imbalance.evaluation import testset
from imbalance.evaluation.statistics import compare, coverage, half_width, summarize
from imbalance.evaluation.tables import Contributions, contributions, evaluate_network
from imbalance.subsets import subset as subsets
from imbalance.training.search import selections
from stages import run

DIGITS = 6
PREDICTIONS = Path("data/predictions")
METRICS = Path("metrics")
TABLES = Path("plots/tables")
CURVE = {
    "method": "str",
    "replicate": "int64",
    "iteration": "int64",
    "train_accuracy": "float64",
    "test_accuracy": "float64",
}
TRIALS = {
    "method": "str",
    "replicate": "int64",
    "base_lr": "float64",
    "draw": "int64",
    "state": "str",
    "validation_auc": "float64",
    "test_auc": "float64",
    "kept": "bool",
}


def main() -> None:
    """data/predictions -> metrics/<method>.json, plots/tables/<name>.csv."""
    params = load_params()
    dataset = arrays.load(Path("data/raw") / params.dataset)
    drawn = subsets.load(Path("data/subset"), dataset.train_labels)
    shape = (len(drawn), len(dataset.test_labels), len(dataset.classes))
    trials = pd.concat(load_table(key, "trials", TRIALS) for key in params.methods)
    kept = trials[trials["kept"]]
    stuck = set(
        kept.loc[kept["state"] == "stuck", ["method", "replicate"]].itertuples(index=False, name=None)
    )
    for key, replicate in sorted(stuck):
        print(
            f"{key}, replicate {replicate}: stuck, as good as a guess; not in the averages.", file=sys.stderr
        )
    if len(stuck) == len(kept):
        raise InputError(
            "every network is stuck, as good as a guess; raise `budget`, or change the learning rate."
        )
    labels = dataset.test_labels
    parts: dict[tuple[str, int], dict[str, pd.DataFrame]] = {}
    images: dict[tuple[str, int], Contributions] = {}
    for key in params.methods:
        for replicate, (subset, logits) in enumerate(zip(drawn, load_logits(key, shape), strict=True)):
            if (key, replicate) not in stuck:
                how = (subset, params.rules, params.tau)
                parts[key, replicate] = evaluate_network(logits, labels, dataset.classes, *how)
                images[key, replicate] = contributions(logits, labels, *how)
    names = next(iter(parts.values()))
    tables = {name: stack({key: part[name] for key, part in parts.items()}) for name in names}
    for name in ("confusion", "roc"):
        tables[name] = mean_of_replicates(tables[name])
    tables["roc"] = tables["roc"].dropna()
    for name, made in {"summary": summarize, "comparisons": compare}.items():
        table = made(tables["replicates"])
        tables[name] = table.assign(
            test_error=errors_of_the_test_set(table, images, labels),
            interval=coverage(drawn),
            leads=table["measure"].isin(testset.leading(np.bincount(labels))),
        )
    curves = pd.concat(load_table(key, "convergence", CURVE) for key in params.methods)
    of = pd.MultiIndex.from_frame(curves[["method", "replicate"]])
    tables["convergence"] = curves[~of.isin(stuck)] if stuck else curves
    tables["trials"] = trials
    chosen = selections(trials).set_index("method")

    for name, table in tables.items():
        with replacing(TABLES / f"{name}.csv") as part:
            table.round(DIGITS).to_csv(part, index=False)
    for key in params.methods:
        tree = metrics_tree(tables["summary"].query("method == @key"))
        if alike := sum(method == key for method, _ in stuck):
            tree["stuck"] = alike
        if key in chosen.index:
            means = chosen.loc[[key]].drop(columns="replicate").mean()
            tree["search"] = {name: round(value, DIGITS) for name, value in means.items()}
        text = json.dumps(tree, indent=2, sort_keys=True)
        with replacing(METRICS / f"{key}.json") as part:
            part.write_text(f"{text}\n")


def load_logits(key: str, shape: tuple[int, int, int]) -> NDArray[np.float32]:
    """Test logits (replicates, N, C) of a method, which must be of this shape, and numbers all."""
    logits = arrays.read(file := PREDICTIONS / key / "logits.npy")
    if logits.dtype != np.float32 or logits.shape != shape:
        raise InputError(f"{file} must be float32 {shape}, not {logits.dtype} {logits.shape}; {arrays.REPRO}")
    if not np.isfinite(logits).all():
        raise InputError(f"{file} has values that are not finite numbers; {arrays.REPRO}")
    return logits


def load_table(key: str, name: str, columns: dict[str, str]) -> pd.DataFrame:
    """A table that was written with the predictions of a method; `columns` are its names and types."""
    file = PREDICTIONS / key / f"{name}.csv"
    try:
        return pd.read_csv(file, usecols=list(columns), dtype=columns, keep_default_na=False, na_values=[""])
    except (OSError, ValueError) as error:
        raise InputError(f"{file} cannot be read ({error}); {arrays.REPRO}") from error


def stack(parts: dict[tuple[str, int], pd.DataFrame]) -> pd.DataFrame:
    """One table of the tables of all methods and replicates, with columns that tell them apart."""
    return pd.concat(parts, names=["method", "replicate"]).reset_index(["method", "replicate"])


def mean_of_replicates(table: pd.DataFrame) -> pd.DataFrame:
    """The last column averaged over the replicates, by all the others; NaN where one of them has none."""
    *keys, value = table.columns.drop("replicate")
    groups = table.groupby(keys, sort=False)[value]
    return groups.mean().where(groups.count() == groups.size()).reset_index()


def errors_of_the_test_set(
    table: pd.DataFrame, images: Mapping[tuple[str, int], Contributions], labels: NDArray[np.integer]
) -> list[float]:
    """The half-width of each row's 95 % interval from the test images alone; NaN where it is not known.

    The rows are those of a summary; or of comparisons, with the column `difference`, which are paired.
    """
    errors = []
    for method, rule, measure in table[["method", "rule", "measure"]].itertuples(index=False):
        own = {number: found for (key, number), found in images.items() if key == method}
        others = {number: found for (key, number), found in images.items() if key == "baseline"}
        numbers = own.keys() & others.keys() if "difference" in table else own.keys()
        key, reference = (rule, measure), ("any" if rule == "any" else "argmax", measure)
        if any(key not in own[number] for number in numbers):
            errors.append(np.nan)
            continue
        minus = [others[number][reference] for number in numbers] if "difference" in table else []
        errors.append(testset.half_width([own[number][key] for number in numbers], labels, minus))
    return errors


def metrics_tree(summary: pd.DataFrame) -> dict[str, Any]:
    """What `dvc metrics` shows of one method: {measure: {mean, ci95}}, below its rule where rules differ."""
    tree: dict[str, Any] = {}
    for row in summary.itertuples():
        branch = tree if row.rule == "any" else tree.setdefault(row.rule, {})
        branch[row.measure] = {"mean": round(row.mean, DIGITS)}
        if np.isfinite(row.low):
            branch[row.measure]["ci95"] = round(half_width(row.std, row.n), DIGITS)
    return tree


if __name__ == "__main__":
    run(main)
