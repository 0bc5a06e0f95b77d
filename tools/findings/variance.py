"""Findings on the spread between replicates: by source, and how many replicates half a % point needs."""

from collections.abc import Iterator
from typing import Any

from imbalance.data.tables import read
from imbalance.studies.needed import ALPHA, NEEDED, PAIRED, POWER, UNPAIRED
from imbalance.studies.variance import ALL, SPREAD
from imbalance.studies.words import ACCURACY, AUC, THRESHOLDED, named
from stages import paths
from tools.studies import STUDIES

HEAD = (
    "Standard deviations are in % points, between replicates that draw everything anew; shares are in % of "
    "the variance. All have 95 % intervals. The words follow from the intervals."
)
MEASURES = {
    AUC: "ROC AUC",
    ACCURACY: "Accuracy",
    THRESHOLDED: "Accuracy with thresholding",
}
SOURCES = {
    "classes": "which classes are small",
    "images": "which images are drawn",
    "weights": "the initial weights",
    "rest": "the rest",
}
MOST = 0.5  # the share of which the whole interval must be above it, for a source to be most of the variance
Row = dict[Any, Any]


def sentences(study: str) -> Iterator[str]:
    """Yield the findings."""
    folder = STUDIES / study / paths.STUDY
    spread, needed = read(folder / "variance.csv", SPREAD), read(folder / "needed.csv", NEEDED)
    for keys, rows in spread.groupby(["measure", "rule", "method"], sort=False):
        measure, rule, method = map(str, keys)
        by_source = {row["source"]: row for row in rows.to_dict("records")}
        yield f"{MEASURES[measure, rule]}, {named(method)}: {of_sources(by_source)}"
    for keys, rows in needed.groupby(["measure", "rule", "method"], sort=False):
        measure, rule, method = map(str, keys)
        yield f"{MEASURES[measure, rule]}, {named(method)}: {of_replicates(rows.to_dict('records'))}"


def of_sources(rows: dict[str, Row]) -> str:
    """Return the standard deviation of a measure, and what share each source has of the variance."""
    whole = rows[ALL]
    most = [words for name, words in SOURCES.items() if rows[name]["share_low"] > MOST]
    lead = f"mostly {most[0]}" if most else "no source is shown to be most of it"
    shares = ", ".join(
        f"{words} {100 * row['share']:.0f} ({100 * row['share_low']:.0f} to {100 * row['share_high']:.0f})"
        for words, row in ((words, rows[name]) for name, words in SOURCES.items())
    )
    std, low, high = (f"{100 * whole[name]:.2f}" for name in ("std", "low", "high"))
    return f"{std} ({low} to {high}), {lead}; of the variance, {shares}."


def of_replicates(rows: list[Row]) -> str:
    """Return how many replicates it takes to tell a method from the baseline, paired and not."""
    counts = {
        row["design"]: f"{row['replicates']:,.0f} ({row['low']:,.0f} to {row['high']:,.0f})" for row in rows
    }
    return (
        f"to find a difference of {100 * rows[0]['difference']:g} from the baseline, with a power of "
        f"{100 * POWER:g} % at {100 * ALPHA:g} %, takes {counts[PAIRED]} pairs of replicates, or "
        f"{counts[UNPAIRED]} unpaired ones of each method."
    )
