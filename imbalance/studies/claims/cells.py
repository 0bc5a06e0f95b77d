"""All values of a study that claims are judged by, in one table, and the columns that a claim speaks of.

A study is gathered from its committed tables once, and then read by every claim.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from imbalance.data.tables import read
from imbalance.errors import InputError
from imbalance.studies.claims import curves
from imbalance.studies.claims.schema import BALANCED, Column, Range

VALUE = ["method", "replicate", "rule", "measure", "value"]
# What a study is, which is the same in all of its rows. `pairing` is the same where replicates are paired.
SAME = ["dataset", "networks", "pairing", "budget", "classes"]
TEXTS = (
    "method",
    "rule",
    "measure",
    "imbalance",
    "minority",
    "dataset",
    "network",
    "networks",
    "pairing",
    "class",
    "state",
)
BASELINE, FULL = "baseline", 1.0
CHANCE = {"auc": 0.5, "minority_auc": 0.5, "accuracy": None, "balanced_accuracy": None}  # None: 1 / classes


@dataclass(frozen=True)
class Study:
    """A study's gathered table: its rows at the usual budget, or at the full one (`anchors`)."""

    name: str
    table: pd.DataFrame

    def same(self, column: str) -> Any:
        """Return what is the same in all rows, such as the data set."""
        return self.table[column].iloc[0]

    @property
    def dimensions(self) -> list[str]:
        """The parameters in which conditions differ."""
        return [name for name in self.table if name not in (*VALUE, *SAME, "anchor")]

    def at(self, anchor: bool) -> "Study | None":
        """Return the rows at the usual budget, or at the full schedule beside it; None if there are none."""
        rows = self.table[self.table["anchor"] == anchor]
        if not len(rows):
            return None
        rows = rows.reset_index(drop=True)
        return replace(self, table=rows.assign(budget=FULL) if anchor else rows)

    @cached_property
    def methods(self) -> set[str]:
        """The methods that there are."""
        return set(self.table["method"])

    @cached_property
    def measures(self) -> set[str]:
        """The measures that there are."""
        return set(self.table["measure"])

    @property
    def has_balanced(self) -> bool:
        """Whether there is a balanced training set."""
        return "rho" in self.table and bool((self.table["rho"] == 1).any())

    def of(self, column: Column, measure: str, where: Mapping[str, Any]) -> pd.DataFrame:
        """Return the values of a column by condition and replicate.

        The table has the dimensions, replicate and value. That of the balanced training set has the replicate
        alone, as it belongs to every condition, and the network if there are several.
        """
        method = BASELINE if column.method == BALANCED else column.method
        table = self.table.loc[self._rows.get((method, measure), [])]
        table = table[table["rule"].isin([column.rule, "any"])]
        balanced = table["rho"] == 1 if "rho" in table else pd.Series(False, index=table.index)
        is_balanced = column.method == BALANCED
        chosen = balanced if is_balanced else ~balanced
        names = [name for name in self.dimensions if name == "network" or not is_balanced]
        for name, wanted in {**where, **column.at}.items():
            if name in (names if is_balanced else table):
                chosen &= _fits(table[name], wanted)
        kept = [name for name in names if name not in column.at]
        values = table.loc[chosen, [*kept, "replicate", "value"]]
        return values.groupby([*kept, "replicate"], as_index=False)["value"].mean() if is_balanced else values

    @cached_property
    def _rows(self) -> Mapping[Any, Any]:
        """The rows of each method and measure."""
        return self.table.groupby(["method", "measure"]).groups

    def stuck(self, methods: Iterable[str]) -> int:
        """Return the number of stuck networks of some methods."""
        rows = self.table[(self.table["measure"] == "stuck") & self.table["method"].isin(list(methods))]
        return int(rows["value"].sum())

    def completed(self) -> "Study":
        """Return the study with its stuck networks scored as chance, in AUC and accuracy."""
        stuck = self.table[(self.table["measure"] == "stuck") & (self.table["value"] == 1)]
        if not len(stuck):
            return self
        rules = self.table[["measure", "rule"]].drop_duplicates()
        added = [
            stuck.assign(measure=measure, rule=rule, value=chance or 1 / stuck["classes"])
            for measure, chance in CHANCE.items()
            for rule in rules.loc[rules["measure"] == measure, "rule"]
        ]
        return replace(self, table=pd.concat([self.table, *added], ignore_index=True))


def _fits(values: pd.Series, wanted: Any) -> pd.Series:
    """Return which values are those that are wanted: one, several, or a range."""
    if isinstance(wanted, Range):
        low, high = wanted.at_least, wanted.at_most
        return (values >= (-1e300 if low is None else low)) & (values <= (1e300 if high is None else high))
    return values.isin(wanted if isinstance(wanted, tuple) else [wanted])


def gathered(folder: Path, params: Mapping[str, Any]) -> pd.DataFrame:
    """Return the table of a study from the tables in `folder`: measures, and those of `curves`.

    `params` are the plain values of its params.yaml. `anchor` marks the conditions at the full schedule where
    the usual one is shorter.
    """
    table = _read(folder / "study/measures.csv")
    dimensions = [name for name in table if name not in VALUE]
    parts, classes = [table], 0
    for condition, values in _conditions(folder / "tables", dimensions, params).items():
        of_condition = folder / "tables" / condition
        recall = _read(of_condition / "recall.csv")
        classes = recall["class"].nunique()
        found = [
            curves.of_curves(_read(of_condition / "convergence.csv")),
            curves.of_recalls(recall),
            curves.of_trials(_read(of_condition / "trials.csv")),
        ]
        parts += [each.assign(**values) for each in found]
    table = pd.concat(parts, ignore_index=True)
    usual = params["budget"]
    table["anchor"] = False
    if "budget" in table and not isinstance(usual, list):
        table["anchor"] = (table["budget"] == FULL) & (usual != FULL)
        table = table[table["anchor"] | (table["budget"] == usual)].drop(columns="budget")
    dataset = params["dataset"]
    named = params["network"] if params["network"] != "auto" else next(iter(params["recipes"][dataset]))
    networks = named if isinstance(named, str) else ", ".join(named)
    pairing = f"{dataset} {networks} {params['seed']}"
    budget = usual if not isinstance(usual, list) else max(usual)
    about = {
        "dataset": dataset,
        "networks": networks,
        "pairing": pairing,
        "budget": budget,
        "classes": classes,
    }
    return table.assign(**about)


def load(name: str, file: Path) -> Study:
    """Read a gathered table."""
    return Study(name, _read(file))


def _read(file: Path) -> pd.DataFrame:
    """Read all columns of a table."""
    try:
        names = pd.read_csv(file, nrows=0).columns
    except (OSError, ValueError) as error:
        raise InputError(f"{file} cannot be read ({error}); run its study.") from error
    bools, whole = ("anchor", "kept", "minority_class"), ("replicate", "iteration", "classes")
    types = {
        name: "str" if name in TEXTS else "bool" if name in bools else "int64" if name in whole else "float64"
        for name in names
    }
    if "class" in names:
        types["minority"] = "str"  # there, whether the class is one
    return read(file, types)


def _conditions(folder: Path, dimensions: list[str], params: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the values of each condition that has a folder, by its name, such as "rho=100,mu=0.5"."""
    found = {}
    for path in sorted(folder.iterdir()):
        given = dict(part.split("=", 1) for part in path.name.split(","))
        values = {name: given.get(name, params[name]) for name in dimensions}
        found[path.name] = {name: value if name in TEXTS else float(value) for name, value in values.items()}
    return found
