"""What the full schedule changes, at the conditions of a study that are trained for both lengths."""

from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd

from imbalance.studies.contrasts import Effect, Source, by_condition
from imbalance.studies.costs import BASELINE
from imbalance.studies.words import ACCURACY, AUC, MU, RHO, THRESHOLDED, at_places, imbalanced, named, points
from stages.measures import load
from tools.studies import STUDIES

CONDITION = ["rho", "mu"]


class Row(NamedTuple):
    """What the full schedule changes of a method's measure, and the difference from doing nothing at both."""

    condition: tuple[float, ...]
    name: str
    change: Effect
    short: Effect | None
    full: Effect | None


def sentences(source: Source, full: Source) -> Iterator[str]:
    """Yield the finding."""
    rows = list(rows_of(imbalanced(source), imbalanced(full)))
    own = {row.condition: row.change for row in rows if row.name == "baseline, AUC"}
    signs = [(row.short.sign, row.full.sign) for row in rows if row.short and row.full]
    same = sum(short == long for short, long in signs)
    yield (
        f"The full schedule changes the AUC of the baseline by {at_places(own)}. {same} of "
        f"{len(signs)} differences from doing nothing (table) are the same at both lengths: above, below, or "
        "not decided."
    )


def table(study: str) -> str:
    """Return a Markdown table of what the full schedule changes."""
    source, full = load(STUDIES / study)
    assert full is not None  # noqa: S101 (such a study has the table)
    rows = [
        "What the full schedule changes, and the difference from doing nothing at both lengths:",
        "",
        f"| {RHO} | {MU} | | changes by | difference at a tenth | at the full schedule |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows_of(source, full):
        place = [f"{value:,g}" for value in row.condition]
        effects = ["" if each is None else points(each) for each in (row.change, row.short, row.full)]
        rows.append(f"| {' | '.join([*place, row.name, *effects])} |")
    return "\n".join(rows)


def rows_of(source: Source, full: Source) -> Iterator[Row]:
    """Yield the rows, by condition: the AUC of all methods, and the accuracy of the baseline."""
    columns = {f"{named(method)}, AUC": ((method, *AUC), (BASELINE, *AUC)) for method in full.methods}
    plain = (BASELINE, *ACCURACY)
    columns |= {
        "baseline, accuracy": (plain, plain),
        "baseline with thresholding, accuracy": ((BASELINE, *THRESHOLDED), plain),
    }
    changes, differences = {}, {}
    for name, (one, other) in columns.items():
        changes[name] = _effects(_at(full, one) - _at(source, one))
        if one != other:
            differences[name] = [_effects(_at(each, one) - _at(each, other)) for each in (source, full)]
    for condition in sorted({each for of_name in changes.values() for each in of_name}):
        for name, of_name in changes.items():
            if condition in of_name:
                short, long = (each.get(condition) for each in differences.get(name, ({}, {})))
                yield Row(condition, name, of_name[condition], short, long)


def _at(source: Source, column: tuple[str, str, str]) -> pd.Series:
    """Return a column by condition and replicate, whatever the schedule's length."""
    values = source.of(*column)
    return values.droplevel("budget") if "budget" in values.index.names else values


def _effects(values: pd.Series) -> dict[tuple[float, ...], Effect]:
    return by_condition(values.dropna(), CONDITION)
