"""Findings on the long tail: its methods against the baseline, and their published orders beside ours."""

from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd
from scipy import stats

from imbalance.studies.contrasts import Source, by_replicate, effect
from imbalance.studies.words import MINUS, decided, named, points
from stages.measures import load
from tools.studies import STUDIES

MEASURE = "accuracy"
THRESHOLDED = "thresholded baseline"  # post-hoc logit adjustment at tau = 1


class Published(NamedTuple):
    """Top-1 accuracy in % on CIFAR-10, exponential imbalance of ρ = 100, ResNet-32.

    The sources train differently: only numbers of one source are comparable.
    """

    source: str
    accuracy: dict[str, float]


PUBLISHED = (
    Published(
        "Cao et al. 2019, Table 2",
        {"baseline": 70.36, "focal": 70.38, "class_balanced": 72.37, "ldam": 77.03},
    ),
    Published(
        "Menon et al. 2021, Table 3",
        {"baseline": 72.84, "tau_normalisation": 75.98, THRESHOLDED: 77.40, "balanced_softmax": 77.67},
    ),
    Published(
        "Ren et al. 2020, Tables 2 and 5",
        {
            "baseline": 77.4,
            "focal": 77.1,
            "class_balanced": 78.2,
            "crt": 82.0,
            "lws": 83.7,
            "balanced_softmax": 83.1,
        },
    ),
)


def sentences(study: str) -> Iterator[str]:
    """Yield the findings."""
    source, _ = load(STUDIES / study)
    ours = accuracies(source)
    gains = {name: effect(values - ours["baseline"]) for name, values in ours.items() if name != "baseline"}
    for name, value in sorted(gains.items(), key=lambda gain: -gain[1].mean):
        words = decided(value, "above", "below", "not decided")
        yield f"{named(name).capitalize()} against the baseline: {words}, {points(value)} of accuracy."
    for how, each in (("without", ours), ("with", accuracies(source, "prior"))):
        over = {name: effect(values - ours[THRESHOLDED]) for name, values in each.items()}
        above = [f"{named(name)}, {points(value)}" for name, value in over.items() if value.sign > 0]
        yield (
            f"Above the thresholded baseline, which costs nothing, of the methods {how} thresholding: "
            f"{'; '.join(above) or 'none'}."
        )
    for source_, accuracy in PUBLISHED:
        yield of_order(source_, accuracy, ours)


def accuracies(source: Source, rule: str = "argmax") -> dict[str, pd.Series]:
    """Return the accuracy of each method under a rule by replicate, and that of the thresholded baseline."""
    ours = {name: by_replicate(source.of(name, MEASURE, rule)) for name in source.methods}
    return ours | {THRESHOLDED: by_replicate(source.of("baseline", MEASURE, "prior"))}


def of_order(source: str, published: dict[str, float], ours: dict[str, pd.Series]) -> str:
    """Return how a published order agrees with ours: Kendall's tau by replicate, its interval within 1."""
    table = pd.DataFrame({name: ours[name] for name in published})
    taus = table.apply(lambda row: stats.kendalltau(row, list(published.values())).statistic, axis=1)
    value = effect(taus)
    within = (value.mean, max(value.low, -1), min(value.high, 1))
    numbers = (f"{each:+.2f}".replace("-", MINUS) for each in within)
    mean, low, high = numbers
    return (
        f"The order of {source}, of {len(published)} methods: Kendall's rank correlation with ours is {mean} "
        f"({low} to {high}; 1 is the same order, {MINUS}1 the reverse)."
    )


def table(study: str) -> str:
    """Return a Markdown table of our accuracies beside those published."""
    source, _ = load(STUDIES / study)
    ours = accuracies(source)
    thresholded = {name: by_replicate(source.of(name, MEASURE, "prior")) for name in source.methods}
    rows = [
        f"| accuracy in % | here | thresholded | {' | '.join(each.source for each in PUBLISHED)} |",
        f"|---|---|---|{'---|' * len(PUBLISHED)}",
    ]
    for name in sorted(ours, key=lambda each: -effect(ours[each]).mean):
        theirs = [f"{each.accuracy[name]:.2f}" if name in each.accuracy else "" for each in PUBLISHED]
        here = [
            f"{100 * effect(each[name]).mean:.2f}" if name in each else "" for each in (ours, thresholded)
        ]
        rows.append(f"| {' | '.join([named(name), *here, *theirs])} |")
    return "\n".join(rows)
