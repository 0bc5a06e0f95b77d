"""Values by condition and replicate, in tables of columns <parameters of conditions>, replicate, value."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.interpolate import PchipInterpolator

from imbalance.studies.claims.samples import paired
from imbalance.studies.claims.schema import Part, Several
from imbalance.studies.lines import LETTERS

SCALE = 100.0  # of values in points
STEPS = {"mu": 0.1}  # of a parameter, to which a slope refers; a class of ten
Key = tuple[Any, ...]


class Missing(Exception):  # noqa: N818 (it is no error that there is no such study yet)
    """A study does not have what a test needs: `verdict` is "no study", "no method" or "no measure"."""

    def __init__(self, verdict: str, what: str) -> None:
        super().__init__(what)
        self.verdict, self.what = verdict, what


def difference(one: pd.DataFrame | float, other: pd.DataFrame | float) -> pd.DataFrame:
    """Return the difference of two terms, paired by replicate at the conditions that both have."""
    if isinstance(one, pd.DataFrame) and isinstance(other, pd.DataFrame):
        common = [name for name in one if name in other and name != "value"]
        both = one.merge(other, on=common, suffixes=("", "_other"))
        return both.assign(value=both["value"] - both["value_other"]).drop(columns="value_other")
    if isinstance(one, pd.DataFrame):
        return one.assign(value=one["value"] - other)
    if isinstance(other, pd.DataFrame):
        return other.assign(value=one - other["value"])
    raise TypeError("two numbers have no difference by replicate")


def several(term: Several, options: list[pd.DataFrame]) -> pd.DataFrame:
    """Return the highest, the lowest or the chosen one of several columns."""
    keys = [name for name in options[0] if name != "value"]
    table = pd.concat(each.assign(option=place) for place, each in enumerate(options))
    wide = table.pivot_table(index=keys, columns="option", values="value").dropna()
    if term.which == "chosen":
        conditions = [name for name in keys if name != "replicate"]
        odd = wide.index.get_level_values("replicate") % 2 == 1
        by = wide[odd].groupby(conditions).mean() if conditions else wide[odd].mean().to_frame().T
        choice = by.idxmax(axis=1).rename("choice")
        rows = wide[~odd].melt(ignore_index=False).reset_index()
        rows = (
            rows.merge(choice.reset_index(), on=conditions)
            if conditions
            else rows.assign(choice=choice.iloc[0])
        )
        return rows.loc[rows["option"] == rows["choice"], [*keys, "value"]]
    best = wide.max(axis=1) if term.which == "highest" else wide.min(axis=1)
    return best.rename("value").reset_index()


def oriented(table: pd.DataFrame, reference: pd.DataFrame, either: bool) -> pd.DataFrame:
    """Return the even replicates where the odd ones decide the reference, with its sign."""
    odd = reference["replicate"] % 2 == 1
    signs = []
    for key, _, values in by_condition(reference[odd]):
        low, high = paired(values, SCALE).interval
        sign = 1 if low > 0 else -1 if high < 0 and either else 0
        if sign:
            signs.append({**dict(key), "sign": sign})
    even = table[table["replicate"] % 2 == 0]
    if not signs:
        raise Missing("no study", "a condition at which the order that it speaks of is decided")
    signed = pd.DataFrame(signs)
    merged = even.merge(signed, on=[name for name in signed if name != "sign"])
    return merged.assign(value=merged["value"] * merged["sign"]).drop(columns="sign")


def slopes(table: pd.DataFrame, over: str, part: Part, unit: str) -> tuple[pd.DataFrame, str]:
    """Return what a trend or its shape is tested on, by condition and replicate, and its unit."""
    others = [name for name in dimensions(table) if name != over]
    sign = 1 if part.expect == "rises" else -1
    rows = []
    for key, own in table.groupby([*others, "replicate"], sort=True):
        x, y = own[over].to_numpy(dtype=float), own["value"].to_numpy()
        if len(np.unique(x)) < 2:
            continue
        if part.kind == "linear":
            value = _residual(np.log10(x), y) - _residual(x, y)
        else:
            value = sign * np.polyfit(np.log10(x) if part.scale == "log" else x, y, 1)[0]
            value *= 1 if part.scale == "log" else STEPS.get(over, 1)
        rows.append((*(key if isinstance(key, tuple) else (key,)), value))
    letter = LETTERS.get(over, over)
    step = f"tenfold {letter}" if part.scale == "log" else f"{STEPS.get(over, 1):g} of {letter}"
    table = pd.DataFrame(rows, columns=[*others, "replicate", "value"])
    return table, unit if part.kind == "linear" else f"{unit} per {step}"


def _residual(x: np.ndarray, y: np.ndarray) -> float:
    """Return the standard deviation of values about their straight line."""
    return float(np.sqrt(np.mean((y - np.polyval(np.polyfit(x, y, 1), x)) ** 2)))


def at_values(table: pd.DataFrame, values: Mapping[str, Any], times: Mapping[str, float]) -> pd.Series:
    """Return a table's values by replicate where the parameters that it has are as in `values`.

    One of them may be so many `times` as large. The values there are interpolated in each replicate, along
    the parameter's logarithm, by PCHIP, which rises where the points do; beyond them there are none. Raises
    `Missing` if the table has several values of another parameter, which would be replicates in plenty.
    """
    if others := [name for name in dimensions(table) if name not in values]:
        raise Missing("no study", f"a choice among the values of {others[0]} in the study beside it")
    for name, value in values.items():
        if name in table and name not in times:
            table = table[table[name] == value]
    if not times:
        return table.set_index("replicate")["value"]
    ((name, factor),) = times.items()
    if name not in table or name not in values:
        return pd.Series(dtype=float)
    found = {
        replicate: _interpolated(curve.sort_values(name), name, factor * values[name])
        for replicate, curve in table.groupby("replicate")
    }
    return pd.Series(found, dtype=float).rename_axis("replicate").dropna()


def _interpolated(curve: pd.DataFrame, over: str, at: float) -> float:
    """Return a curve's value at a value of a parameter; NaN beyond its ends, or if it is a single point."""
    x, y = np.log10(curve[over].to_numpy(dtype=float)), curve["value"].to_numpy()
    return float(PchipInterpolator(x, y, extrapolate=False)(np.log10(at))) if len(x) > 1 else math.nan


def dimensions(table: pd.DataFrame) -> list[str]:
    """Return the parameters by which a table is divided."""
    return [name for name in table if name not in ("replicate", "value")]


def by_condition(table: pd.DataFrame) -> Iterator[tuple[Key, str, pd.Series]]:
    """Yield each condition's values of the dimensions, the same in words, and its values by replicate."""
    names = dimensions(table)
    groups = table.groupby(names, sort=True) if names else [((), table)]
    for key, own in groups:
        values = key if isinstance(key, tuple) else (key,)
        pairs = tuple(zip(names, values, strict=True))
        told = ", ".join(
            f"{LETTERS.get(name, name)} = {value:,g}" if isinstance(value, float) else str(value)
            for name, value in pairs
        )
        yield pairs, told, own.set_index("replicate")["value"]
