"""The tables behind a study's figures: a measure over a parameter, a line for each method, in panels.

Columns: panel; the parameter; line (a method); rule; beside (in what a condition differs from the grid, or
`GRID`); n, mean, low, high: over the replicates, with the 95 % interval.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from imbalance.studies.collect import Grid, balanced

LETTERS = {"rho": "\N{GREEK SMALL LETTER RHO}", "mu": "\N{GREEK SMALL LETTER MU}"}
NUMBERS = ["n", "mean", "low", "high"]
EVERYWHERE = "balanced"  # the panel of what is drawn in all panels
ONLY = "all"  # the only panel, where the grid has no other dimension
GRID = "grid"
NETWORK = "network"
ALONE = "each network"  # where the networks are all that differs


def over(x: str, summary: pd.DataFrame, grid: Grid, measure: str) -> pd.DataFrame:
    """Return the lines of a measure over the dimension `x`, with a panel for each combination of the others.

    A balanced training set has no other dimension, so it is in the panel `EVERYWHERE`. Of several networks,
    each has its own, which is a point of the network's lines.
    """
    of_measure = summary[summary["measure"] == measure]
    same, whole = balanced(of_measure), grid.in_grid(of_measure)
    if NETWORK in grid.dimensions:
        same, whole = same & False, whole | same
    others = [name for name in grid.dimensions if name != x]
    rows = of_measure.to_dict("records")
    panels = [_words({name: row[name] for name in others}) or ONLY for row in rows]
    beside = [_words(_differing(row, grid)) or GRID for row in rows]
    table = of_measure.assign(panel=panels, beside=beside, line=of_measure["method"])
    table.loc[same, "panel"] = EVERYWHERE
    # A panel with a single point of the grid has no line.
    points = table[whole].groupby("panel")[x].nunique()
    shown = {*points[points > 1].index, EVERYWHERE}
    chosen = table[table["panel"].isin(shown)]
    place = {panel: index for index, panel in enumerate(chosen["panel"].unique())}
    chosen = chosen.assign(place=chosen["panel"].map(place)).sort_values(["place", x], kind="stable")
    return chosen[["panel", x, "line", "rule", "beside", *NUMBERS]]


def are_in(table: pd.DataFrame) -> bool:
    """Return whether a table has lines, not only what would be drawn beside them in every panel."""
    return bool((table["panel"] != EVERYWHERE).any())


def over_ratio(
    summary: pd.DataFrame, grid: Grid, ratios: Mapping[str, tuple[str, float]], rho: float
) -> pd.DataFrame:
    """Return the lines of ROC AUC over the ratio to which a method samples, a panel for each kind of method.

    `ratios` has the kind and the ratio of every method that samples. The baseline is every kind's last point:
    what it leaves is the imbalance ratio itself, `rho` in a study of only one. Lines are the conditions
    (Buda et al. 2018, Figure 7).
    """
    auc = summary[(summary["measure"] == "auc") & grid.in_grid(summary)]
    parts = []
    for kind in dict.fromkeys(kind for kind, _ in ratios.values()):
        left = {method: ratio for method, (other, ratio) in ratios.items() if other == kind}
        own = auc[auc["method"].isin(left) | (auc["method"] == "baseline")]
        ratio = own["method"].map(left).fillna(own.get("rho", rho))
        varied = [name for name in grid.dimensions if len(auc[name].unique()) > 1]
        lines = [_words({name: row[name] for name in varied}) for row in own.to_dict("records")]
        parts.append(own.assign(panel=kind, ratio=ratio, line=lines, beside=GRID))
    table = pd.concat(parts).sort_values(["panel", "line", "ratio"], kind="stable")
    return table[["panel", "ratio", "line", "rule", "beside", *NUMBERS]]


def differences(x: str, comparisons: pd.DataFrame, grid: Grid, measure: str) -> pd.DataFrame:
    """Return the lines of the differences from the baseline, paired by replicate, over a dimension."""
    return over(x, comparisons.rename(columns={"difference": "mean"}), grid, measure)


def strongest(convergence: pd.DataFrame, grid: Grid) -> tuple[str, pd.DataFrame]:
    """Return the curves at the grid's largest imbalance ratio, in the middle of the other dimensions.

    Of ratios, those with the most conditions are the grid's. The first value says in words at which condition
    the curves are. Of several networks, the curves are those of each, as if it were a part of the method.
    """
    chosen, where = convergence[grid.in_grid(convergence)], {}
    if NETWORK in grid.dimensions:
        chosen = chosen.assign(method=chosen[NETWORK] + ", " + chosen["method"])
    for name in (name for name in grid.dimensions if name != NETWORK):
        conditions = chosen[list(grid.dimensions)].drop_duplicates()[name].value_counts()
        values = sorted(conditions[conditions == conditions.max()].index)
        where[name] = values[-1] if name == "rho" else values[len(values) // 2]
        chosen = chosen[chosen[name] == where[name]]
    return _words(where) or ALONE, chosen.drop(columns=grid.columns)


def _differing(row: Mapping[Any, Any], grid: Grid) -> dict[str, Any]:
    """Return the values in which a row's condition differs from the grid."""
    return {name: row[name] for name, value in grid.usual.items() if row[name] != value}


def _words(values: Mapping[str, Any]) -> str:
    """Return values in words: "μ = 0.5, budget = 1"."""
    shown = ((LETTERS.get(name, name.replace("_", " ")), value) for name, value in values.items())
    return ", ".join(value if isinstance(value, str) else f"{name} = {value:g}" for name, value in shown)
