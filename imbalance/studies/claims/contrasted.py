"""The values by replicate that a test is made on: differences between columns, slopes, and both at each case."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from imbalance.studies.claims.cells import Study
from imbalance.studies.claims.evidence import Estimate
from imbalance.studies.claims.samples import paired, welch
from imbalance.studies.claims.schema import BALANCED, Column, Part, Several, Term, Test
from imbalance.studies.lines import LETTERS

UNITS = {"log_base_lr": (1, "decades"), "settling": (100, "% of the schedule")}
POINTS = (100, "pt")
LEVEL = "level"
SCALE = 100.0  # of values in points
Key = tuple[Any, ...]


class Missing(Exception):
    """A study does not have what a test needs: `verdict` is "no study", "no method" or "no measure"."""

    def __init__(self, verdict: str, what: str) -> None:
        super().__init__(what)
        self.verdict, self.what = verdict, what


@dataclass(frozen=True)
class Sample:
    """The values of a test at a case, by replicate and in `unit`: positive where they speak for the claim.

    `other` are values of other replicates, which are subtracted unpaired.
    """

    key: Key
    condition: str
    contrast: str
    measure: str
    unit: str
    values: pd.Series
    other: pd.Series | None = None

    def estimate(self, runs: float = np.inf) -> Estimate:
        """Return the mean difference; `runs` are those behind a published value that was subtracted."""
        return paired(self.values, SCALE, runs) if self.other is None else welch(self.values, self.other)


def of_test(test: Test, part: Part, study: Study, world: Mapping[str, Study]) -> list[list[Sample]]:
    """Return the samples of a test, a list for each b and measure; raises `Missing` if there are none.

    `world` are all studies by name, for columns that are in another one than the part's.
    """
    found = []
    for measure in test.measure:
        _refuse_missing(test, part, measure, study, world)
        for b in test.b:
            samples = list(_samples(test, b, measure, part, study, world))
            if not samples:
                raise Missing("no study", f"conditions of {study.name} for it")
            found.append(samples)
    return found


def pooled(samples: list[Sample]) -> Sample:
    """Return the samples of several cases as one: their mean within each replicate."""
    first, *_ = samples

    def mean(values: list[pd.Series]) -> pd.Series:
        return pd.concat(values).dropna().groupby(level="replicate").mean()

    others = [sample.other for sample in samples if sample.other is not None]
    where = first.condition if len(samples) == 1 else "all conditions"
    return Sample(
        (), where, first.contrast, first.measure, first.unit, mean([sample.values for sample in samples]),
        mean(others) if others else None,
    )  # fmt: skip


def _samples(
    test: Test, b: Term, measure: str, part: Part, study: Study, world: Mapping[str, Study]
) -> Iterator[Sample]:
    """Yield the samples of one contrast in one measure, at each case."""
    factor, unit = UNITS.get(measure, POINTS)

    def difference(one: Term, other: Term, at: Study) -> pd.DataFrame:
        return _difference(*(_values(term, measure, factor, part, at, world) for term in (one, other)))

    contrast = words(test.a, b)
    if part.levels:
        levels = [
            _values(Column(method=name), measure, factor, part, study, world).assign(**{LEVEL: value})
            for name, value in part.levels.items()
        ]
        table, contrast = pd.concat(levels), ", ".join(part.levels)
    else:
        table = difference(test.a, b, study)
    if part.given:
        table = _oriented(table, difference(part.given.better, part.given.than, study), part.given.either)
    if part.pairs:
        yield from _of_pairs(table, part.pairs, contrast, measure, unit)
        return
    over = LEVEL if part.levels else part.over
    if over and test is part:
        table, unit = _slopes(table, over, part, unit)
    against = None
    if part.against:
        against = difference(test.a, b, world[part.against])
    for key, condition, values in _by_condition(table):
        if against is None:
            yield Sample(key, condition, contrast, measure, unit, values)
            continue
        common = [name for name in _dimensions(table) if name in against]
        same = pd.Series(True, index=against.index)
        for name, value in key:
            same &= (against[name] == value) if name in common else True
        if len(rows := against[same]):
            other = rows.set_index("replicate")["value"]
            yield Sample(key, condition, f"{contrast}, over {part.against}", measure, unit, values, other)


def _values(
    term: Term, measure: str, factor: float, part: Part, study: Study, world: Mapping[str, Study]
) -> pd.DataFrame | float:
    """Return a term's values by condition and replicate, in the measure's unit, or a number as it is."""
    match term:
        case Column():
            at = world[term.study] if term.study else study
            table = at.of(term, measure, part.where)
            return table.assign(value=factor * table["value"])
        case Several():
            options = [_values(each, measure, factor, part, study, world) for each in term.of]
            return _several(term, [each for each in options if isinstance(each, pd.DataFrame)])
    return float(term)


def _several(term: Several, options: list[pd.DataFrame]) -> pd.DataFrame:
    """Return the highest, the lowest or the chosen one of several columns."""
    keys = [name for name in options[0] if name != "value"]
    table = pd.concat(each.assign(option=place) for place, each in enumerate(options))
    wide = table.pivot_table(index=keys, columns="option", values="value").dropna()
    if term.which == "chosen":
        conditions = [name for name in keys if name != "replicate"]
        odd = wide.index.get_level_values("replicate") % 2 == 1
        by = wide[odd].groupby(conditions).mean() if conditions else wide[odd].mean().to_frame().T
        choice = by.idxmax(axis=1).rename("choice")
        rows = wide[~odd].stack().rename("value").reset_index()
        rows = (
            rows.merge(choice.reset_index(), on=conditions)
            if conditions
            else rows.assign(choice=choice.iloc[0])
        )
        return rows.loc[rows["option"] == rows["choice"], [*keys, "value"]]
    best = wide.max(axis=1) if term.which == "highest" else wide.min(axis=1)
    return best.rename("value").reset_index()


def _difference(one: pd.DataFrame | float, other: pd.DataFrame | float) -> pd.DataFrame:
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


def _oriented(table: pd.DataFrame, reference: pd.DataFrame, either: bool) -> pd.DataFrame:
    """Return the even replicates where the odd ones decide the reference, with its sign."""
    odd = reference["replicate"] % 2 == 1
    signs = []
    for key, _, values in _by_condition(reference[odd]):
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


def _of_pairs(table: pd.DataFrame, over: str, contrast: str, measure: str, unit: str) -> Iterator[Sample]:
    """Yield the differences between each two values of a parameter."""
    for low, high in combinations(sorted(table[over].unique()), 2):
        parts = [table[table[over] == value].drop(columns=over) for value in (low, high)]
        for key, condition, values in _by_condition(_difference(*parts)):
            named = f"{contrast} at {LETTERS.get(over, over)} = {low:g}, less that at {high:g}"
            yield Sample((*key, (over, low, high)), condition, named, measure, unit, values)


def _slopes(table: pd.DataFrame, over: str, part: Part, unit: str) -> tuple[pd.DataFrame, str]:
    """Return what a trend or its shape is tested on, by condition and replicate, and its unit."""
    others = [name for name in _dimensions(table) if name != over]
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
    slopes = pd.DataFrame(rows, columns=[*others, "replicate", "value"])
    return slopes, unit if part.kind == "linear" else f"{unit} per {step}"


STEPS = {"mu": 0.1}  # of a parameter, to which a slope refers; a class of ten


def _residual(x: np.ndarray, y: np.ndarray) -> float:
    """Return the standard deviation of values about their straight line."""
    return float(np.sqrt(np.mean((y - np.polyval(np.polyfit(x, y, 1), x)) ** 2)))


def _dimensions(table: pd.DataFrame) -> list[str]:
    return [name for name in table if name not in ("replicate", "value")]


def _by_condition(table: pd.DataFrame) -> Iterator[tuple[Key, str, pd.Series]]:
    """Yield each condition's values of the dimensions, the same in words, and its values by replicate."""
    names = _dimensions(table)
    groups = table.groupby(names, sort=True) if names else [((), table)]
    for key, own in groups:
        values = key if isinstance(key, tuple) else (key,)
        pairs = tuple(zip(names, values, strict=True))
        told = ", ".join(
            f"{LETTERS.get(name, name)} = {value:,g}" if isinstance(value, float) else str(value)
            for name, value in pairs
        )
        yield pairs, told, own.set_index("replicate")["value"]


def words(a: Term, b: Term) -> str:
    """Return a contrast in words: "oversampling - baseline"."""
    shown = [f"{term:g}" if isinstance(term, float | int) else str(term) for term in (a, b)]
    return shown[0] if shown[1] == "0" else f"{shown[0]} \N{MINUS SIGN} {shown[1]}"


def columns_of(test: Test, part: Part) -> list[Column]:
    """Return all columns that a test speaks of."""
    terms = [test.a, *test.b, *([part.given.better, part.given.than] if part.given else [])]
    terms += [Column(method=name) for name in part.levels]
    return [
        column
        for term in terms
        for column in (term.of if isinstance(term, Several) else [term])
        if isinstance(column, Column)
    ]


def _refuse_missing(test: Test, part: Part, measure: str, study: Study, world: Mapping[str, Study]) -> None:
    """Raise `Missing` if a column's study, its method, or the measure is not there."""
    for name in (part.against, *(column.study for column in columns_of(test, part))):
        if name and name not in world:
            raise Missing("no study", name)
    for column in columns_of(test, part):
        at = world[column.study] if column.study else study
        if column.method == BALANCED:
            if not at.has_balanced:
                raise Missing("no study", f"a balanced training set in {at.name}")
        elif column.method not in at.methods:
            raise Missing("no method", f"{column.method} in {at.name}")
        if measure not in at.measures:
            raise Missing("no measure", f"{measure} in {at.name}")
