"""Effects between the conditions, methods and rules of a study, each with its interval over the replicates.

Replicates are paired: replicate r has the same initial weights and batches in all conditions, and random
minority classes that are the same for every imbalance ratio. So an effect is first taken within a replicate,
and then averaged; a mean over several conditions is a mean of n values, one of each replicate, however many
the conditions are.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from imbalance.evaluation.statistics import half_width


@dataclass(frozen=True)
class Effect:
    """The mean of an effect over `n` replicates, and Student's 95 % interval; NaN for a single replicate."""

    mean: float
    low: float
    high: float
    n: int

    @property
    def sign(self) -> int:
        """1 or -1 if the whole interval is on one side of zero, else 0."""
        return int(self.low > 0) - int(self.high < 0)


@dataclass(frozen=True)
class Source:
    """The long table of a study's measures, and the conditions to take values of, such as {"mu": 0.5}."""

    measures: pd.DataFrame
    at: tuple[tuple[str, Any], ...] = ()

    def where(self, **values: Any) -> "Source":
        """Return the same table at conditions with these values, too."""
        return Source(self.measures, (*self.at, *values.items()))

    @property
    def methods(self) -> list[str]:
        """The methods that there are at these conditions."""
        return list(self._rows()["method"].unique())

    def of(self, method: str, measure: str, rule: str = "any") -> pd.Series:
        """Return a measure of a method by condition and replicate, where the condition has these values."""
        table = self._rows()
        chosen = (table["method"] == method) & (table["measure"] == measure) & (table["rule"] == rule)
        keys = [name for name in table if name not in ("method", "rule", "measure", "value")]
        return table[chosen].set_index(keys)["value"]

    def _rows(self) -> pd.DataFrame:
        table = self.measures
        for name, value in self.at:
            table = table[table[name] == value]
        return table


def effect(values: pd.Series) -> Effect:
    """Return the mean and interval of values by replicate, averaged over conditions within each replicate."""
    of_replicates = by_replicate(values.dropna())
    n, mean = len(of_replicates), float(of_replicates.mean())
    half = half_width(float(of_replicates.std()), n) if n > 1 else np.nan
    return Effect(mean, mean - half, mean + half, n)


def by_replicate(values: pd.Series) -> pd.Series:
    """Return the mean of values over conditions, by replicate; one with fewer than others is left out.

    Otherwise a network that is missing where the task is hard would raise its replicate's mean.
    """
    groups = values.groupby("replicate")
    return groups.mean()[groups.size() == groups.size().max()]


def slope(values: pd.Series, x: str, scale: Callable[[Any], Any] = float) -> Effect:
    """Return the effect of `x` per unit of `scale(x)`: the mean of the replicates' least-squares slopes.

    A replicate that lacks a value of `x` is left out, and all are if there is one value only.
    """
    table = values.rename("value").reset_index()
    points = table[x].nunique()
    slopes = {
        replicate: np.polyfit(own[x].map(scale), own["value"], 1)[0]
        for replicate, own in table.groupby("replicate")
        if own[x].nunique() == points > 1
    }
    return effect(pd.Series(slopes, dtype=float).rename_axis("replicate"))


def by_condition(values: pd.Series, names: Sequence[str]) -> dict[tuple[Any, ...], Effect]:
    """Return the effect at each condition, by its values of the parameters `names`."""
    return {
        key if isinstance(key, tuple) else (key,): effect(own)
        for key, own in values.groupby(list(names), sort=True)
    }
