"""The values by replicate that a test is made on, at each case: differences between columns, or slopes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from imbalance.studies.claims.cells import Study
from imbalance.studies.claims.conditions import (
    SCALE,
    Key,
    Missing,
    at_values,
    by_condition,
    difference,
    oriented,
    several,
    slopes,
)
from imbalance.studies.claims.evidence import Estimate
from imbalance.studies.claims.samples import paired, welch
from imbalance.studies.claims.schema import BALANCED, Against, Column, Part, Several, Term, Test
from imbalance.studies.lines import LETTERS

UNITS = {"log_base_lr": (1, "decades"), "settling": (100, "% of the schedule")}
POINTS = (100, "pt")
LEVEL = "level"  # of a method, where methods stand for the values of a parameter


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
    by_replicate: pd.Series
    other: pd.Series | None = None

    def estimate(self, runs: float = np.inf) -> Estimate:
        """Return the mean difference; `runs` are those behind a published value that was subtracted."""
        return (
            paired(self.by_replicate, SCALE, runs)
            if self.other is None
            else welch(self.by_replicate, self.other)
        )


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
    """Return the samples of several cases as one: their mean within each replicate that has all cases."""
    first, *_ = samples

    def mean(values: list[pd.Series]) -> pd.Series:
        return pd.concat(values, axis=1).dropna().mean(axis=1)

    others = [sample.other for sample in samples if sample.other is not None]
    where = first.condition if len(samples) == 1 else "all conditions"
    values = mean([sample.by_replicate for sample in samples])
    about = (), where, first.contrast, first.measure, first.unit
    return Sample(*about, values, mean(others) if others else None)


def _samples(
    test: Test, b: Term, measure: str, part: Part, study: Study, world: Mapping[str, Study]
) -> Iterator[Sample]:
    """Yield the samples of one contrast in one measure, at each case."""
    factor, unit = UNITS.get(measure, POINTS)

    def between(one: Term, other: Term, at: Study) -> pd.DataFrame:
        return difference(*(_values(term, measure, factor, part, at, world) for term in (one, other)))

    one, other = (b, test.a) if test.kind == "inf" else (test.a, b)
    contrast = words(test.a, b)
    if part.levels:
        levels = [
            difference(_values(Column(method=name), measure, factor, part, study, world), 0).assign(
                level=level
            )
            for name, level in part.levels.items()
        ]
        table, contrast = pd.concat(levels), ", ".join(part.levels)
    else:
        table = between(one, other, study)
    if part.given:
        table = oriented(table, between(part.given.better, part.given.than, study), part.given.either)
    if part.pairs:
        yield from _of_pairs(table, part.pairs, contrast, measure, unit)
        return
    over = LEVEL if part.levels else part.over
    if over and test is part:
        table, unit = slopes(table, over, part, unit)
    against = None
    if part.other_study:
        against = between(one, other, world[part.other_study])
    times = part.against.times if isinstance(part.against, Against) else {}
    for key, condition, values in by_condition(table):
        if against is None:
            yield Sample(key, condition, contrast, measure, unit, values)
        elif len(beside := at_values(against, dict(key), times)):
            yield Sample(key, condition, f"{contrast}, over {part.against}", measure, unit, values, beside)


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
            return several(term, [each for each in options if isinstance(each, pd.DataFrame)])
    return float(term)


def _of_pairs(table: pd.DataFrame, over: str, contrast: str, measure: str, unit: str) -> Iterator[Sample]:
    """Yield the differences between each two values of a parameter."""
    for low, high in combinations(sorted(table[over].unique()), 2):
        parts = [table[table[over] == value].drop(columns=over) for value in (low, high)]
        first, last = (value if isinstance(value, str) else f"{value:g}" for value in (low, high))
        for key, condition, values in by_condition(difference(*parts)):
            named = f"{contrast} at {LETTERS.get(over, over)} = {first}, less that at {last}"
            yield Sample((*key, (over, low, high)), condition, named, measure, unit, values)


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
    for name in (part.other_study, *(column.study for column in columns_of(test, part))):
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
