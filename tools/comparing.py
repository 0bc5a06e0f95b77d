"""Comparison of the results of a run with those of a commit: byte for byte, or mean by mean."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from imbalance.data.tables import read
from imbalance.evaluation.schemas import TABLES
from stages import paths

MEASURES = f"{paths.TABLES}/summary.csv"
ABSENT = "-"
IDENTICAL = "identical"


class Mean(NamedTuple):
    """The mean of a measure over the replicates, and its 95 % interval, which is NaN if there is none."""

    mean: float
    low: float
    high: float


class Results(NamedTuple):
    """The results of a commit or a run: the hash of each artifact and the mean of each measure, by name."""

    hashes: dict[str, str]
    means: dict[str, Mean]


class Row(NamedTuple):
    """The row of one artifact in the table of the comparison."""

    artifact: str
    expected: str
    got: str
    verdict: str
    fails: bool


def means(file: Path) -> dict[str, Mean]:
    """Read the means from a table of measures, by method, rule and measure."""
    return {
        " ".join([row.method, row.rule, row.measure]): Mean(row.mean, row.low, row.high)
        for row in read(file, TABLES["summary"]).itertuples()
    }


def compare(expected: Results, got: Results) -> list[Row]:
    """Compare all artifacts of both results byte for byte."""
    rows = []
    for artifact in expected.hashes | got.hashes:
        old, new = expected.hashes.get(artifact, ABSENT), got.hashes.get(artifact, ABSENT)
        if old == new:
            verdict = IDENTICAL
        elif ABSENT in (old, new):
            verdict = "missing" if new == ABSENT else "extra"
        else:
            verdict = "different"
        rows.append(Row(artifact, old, new, verdict, fails=old != new))
    return rows


def compare_means(expected: Results, got: Results) -> list[Row]:
    """Compare results whose bytes may differ: the same artifacts, and each mean within its interval."""
    rows = []
    for row in compare(expected, got):
        if row.verdict != "different":
            rows.append(row)
        elif row.artifact == MEASURES:
            outliers = list(outside(expected.means, got.means))
            verdict = "; ".join(outliers) or "means within the intervals"
            rows.append(row._replace(verdict=verdict, fails=bool(outliers)))
        else:
            rows.append(row._replace(verdict="not promised here", fails=False))
    return rows


def outside(expected: dict[str, Mean], got: dict[str, Mean]) -> Iterator[str]:
    """Yield the measures whose new mean is outside the committed 95 % interval, or that only one result has.

    A mean without an interval, such as that of a single replicate, is not compared.
    """
    for name in sorted(expected.keys() | got.keys()):
        if name not in expected or name not in got:
            yield f"{name} is {'missing' if name in expected else 'extra'}"
            continue
        _, low, high = expected[name]
        new = got[name].mean
        if not np.isnan(low) and not low <= new <= high:  # NaN is outside
            yield f"{name} is {new}, not from {low} to {high}"


def table(rows: list[Row]) -> str:
    """Return a table of the artifacts that are not identical, and how many are."""
    shown = [row for row in rows if row.verdict != IDENTICAL]
    summary = f"{len(rows) - len(shown)} of {len(rows)} artifacts are identical."
    if not shown:
        return summary
    width = max(len(row.artifact) for row in shown)
    header = Row("artifact", "expected", "got", "verdict", fails=False)
    lines = [
        f"{row.artifact:{width}}  {row.expected[:8]:8}  {row.got[:8]:8}  {row.verdict}"
        for row in (header, *shown)
    ]
    return "\n".join([*lines, summary])
