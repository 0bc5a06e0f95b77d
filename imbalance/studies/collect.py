"""The long tables of a study: those of its conditions, with the parameters in which they differ."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from imbalance.data.tables import DIGITS
from imbalance.subsets.profiles import BY_RANK

DRAWN = ("auc", "accuracy", "minority_recall")
HEADLINE = ("auc", "accuracy")
WORDS = ("network", "imbalance", "minority", "seed")  # no quantities, over which no line is drawn
BALANCED = 1.0  # the imbalance ratio of a balanced training set


@dataclass(frozen=True)
class Grid:
    """The conditions of a study: `of` each, the values of the parameters in which they differ.

    `dimensions` are the parameters of the grid; `usual` are the values that the others have in the grid, from
    which conditions beside it may differ.
    """

    of: dict[str, dict[str, Any]]
    dimensions: tuple[str, ...]
    usual: dict[str, Any]

    @property
    def columns(self) -> list[str]:
        """The names of all parameters in which conditions differ."""
        return [*self.dimensions, *self.usual]

    @property
    def is_single(self) -> bool:
        """Whether there is one condition only that has the usual values and is not balanced."""
        own = pd.DataFrame(self.of.values())
        return int(self.in_grid(own).sum()) == 1

    def in_grid(self, table: pd.DataFrame) -> pd.Series:
        """Return which rows of a long table have the usual values, and not a balanced training set.

        In a grid of balanced training sets alone, these are.
        """
        usual = pd.Series(True, index=table.index)
        for name, value in self.usual.items():
            usual &= table[name] == value
        imbalanced = usual & ~balanced(table)
        return imbalanced if imbalanced.any() else usual


def balanced(table: pd.DataFrame) -> pd.Series:
    """Return which rows of a long table are of balanced training sets; rho is not the ratio of any form."""
    if "rho" not in table:
        return pd.Series(False, index=table.index)
    has_ratio = table["imbalance"].isin(BY_RANK) if "imbalance" in table else True
    return (table["rho"] == BALANCED) & has_ratio


def stacked(parts: Mapping[str, pd.DataFrame], grid: Grid) -> pd.DataFrame:
    """Return the tables of all conditions as one, with the conditions' values as the first columns."""
    tables = [table.assign(**grid.of[condition]) for condition, table in parts.items()]
    columns = [*grid.columns, *(name for name in next(iter(parts.values())) if name not in grid.columns)]
    return pd.concat(tables)[columns].reset_index(drop=True)


def headline(summary: pd.DataFrame, grid: Grid) -> dict[str, Any]:
    """Return the metrics of a study: of each method, the means of a few measures over the grid's conditions.

    They are {method: {auc, rule: {accuracy}}}: few, since `dvc exp show` has a column for each number of all
    studies. All other measures are in the tables. Of several networks, each has such a branch.
    """
    tree: dict[str, Any] = {}
    chosen = summary[grid.in_grid(summary) & summary["measure"].isin(HEADLINE)]
    above = ["network"] if "network" in grid.dimensions else []
    for key, mean in chosen.groupby([*above, "method", "rule", "measure"], sort=False)["mean"]:
        *parents, rule, measure = key
        branch = tree
        for name in parents:
            branch = branch.setdefault(name, {})
        branch = branch if rule == "any" else branch.setdefault(rule, {})
        branch[measure] = round(float(mean.mean()), DIGITS)
    return tree
