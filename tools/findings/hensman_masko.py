"""Findings on slight imbalance (Hensman & Masko 2015, by Johnson & Khoshgoftaar 2019, Tables 3 and 4)."""

from collections.abc import Iterator, Mapping

import pandas as pd

from imbalance.studies.contrasts import Source, by_replicate, effect
from imbalance.studies.words import ACCURACY, decided, points
from stages.measures import load
from tools.findings.stuck import of_stuck
from tools.studies import STUDIES

BALANCED = "D1"
# Accuracy in %, of the baseline and with oversampling: means of three runs.
PUBLISHED: Mapping[str, tuple[int, int | None]] = {
    "D1": (73, None),
    "D3": (66, 73),
    "D5": (10, 73),
    "D9": (10, 72),
}
SHARES = {
    "D1": "all classes 10 %",
    "D3": "five classes 6 %, five 14 %",
    "D5": "the first class 14.5 %, nine 9.5 %",
    "D9": "the last class 14.5 %, nine 9.5 % (inferred)",
}


def sentences(study: str) -> Iterator[str]:
    """Yield the findings."""
    source, _ = load(STUDIES / study)
    yield of_stuck(study)
    balanced = accuracy(source, BALANCED, "baseline")
    for name in PUBLISHED:
        if name == BALANCED:
            continue
        plain, over = (accuracy(source, name, method) for method in ("baseline", "oversampling"))
        cost = points(effect(balanced - plain))
        yield f"{name} costs the baseline {cost} points of accuracy against balanced data of its size."
        gain = effect(over - plain)
        words = decided(gain, "raises", "lowers", "is not shown to change")
        yield (
            f"Oversampling {words} the accuracy at {name}, by {points(gain)}; against balanced data the "
            f"difference is then {points(effect(over - balanced))}."
        )


def accuracy(source: Source, distribution: str, method: str) -> pd.Series:
    """Return the accuracy of a method on a distribution, by replicate."""
    return by_replicate(source.where(imbalance=distribution).of(method, *ACCURACY))


def table(study: str) -> str:
    """Return a Markdown table of our accuracies beside those published."""
    source, _ = load(STUDIES / study)
    rows = [
        "| accuracy in % | shares | baseline | oversampling | published: baseline | oversampling |",
        "|---|---|---|---|---|---|",
    ]
    for name, (plain, over) in PUBLISHED.items():
        here = source.where(imbalance=name).methods
        ours = [
            f"{100 * effect(accuracy(source, name, method)).mean:.2f}" if method in here else ""
            for method in ("baseline", "oversampling")
        ]
        cells = [name, SHARES[name], *ours, str(plain), "" if over is None else str(over)]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)
