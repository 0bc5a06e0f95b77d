"""Findings of a study of all methods at one condition: which to try first, which are not worth their cost."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from imbalance.config import Params, load_study
from imbalance.data.tables import read
from imbalance.studies.contrasts import Source, effect
from imbalance.studies.ranking import ALPHA, RANKED
from imbalance.studies.words import decided, named, points
from stages import draw, paths
from stages.measures import load
from tools.studies import STUDIES

ARGMAX, THRESHOLDED = (RANKED, "argmax"), (RANKED, "prior")
# Orders that the sources report: the first is said to be better than the second.
ORDERS = {
    ("ldam", "class_balanced"): "Cao et al. 2019",
    ("deferred_reweighting", "class_balanced"): "Cao et al. 2019",
    ("balanced_softmax", "class_balanced"): "Ren et al. 2020",
    ("balanced_softmax", "ldam"): "Menon et al. 2021, as logit adjustment with τ = 1",
    ("crt", "class_aware_sampling"): "Kang et al. 2020",
    ("crt", "tau_normalisation"): "Ren et al. 2020",
    ("influence_balanced", "focal"): "Park et al. 2021",
    ("remix", "mixup"): "Chou et al. 2020",
    ("pseudo_features", "smote_features"): "Konno & Iwazume 2018",
    ("pseudo_features", "perturbed_features"): "Konno & Iwazume 2018",
    ("msfe", "mfe"): "Wang et al. 2016",
    ("crl", "oversampling"): "Dong et al. 2018",
    ("dos", "smote"): "Ando & Huang 2017",
    ("cosen", "smote"): "Khan et al. 2018",
    ("dynamic_sampling", "oversampling"): "Pouyanfar et al. 2018",
    ("oversampling", "undersampling"): "Buda et al. 2018",
}


def sentences(study: str) -> Iterator[str]:
    """Yield the plain answer."""
    source, _ = load(STUDIES / study)
    params = load_study(STUDIES / study / "params.yaml").common
    ranks, pairs = tables(study)
    first = ranks["method"].iloc[0]
    equals = [name for name in ranks["method"].iloc[1:] if not significant(pairs, first, name)]
    gain = effect(source.of(first, *ARGMAX) - source.of("baseline", *ARGMAX))
    yield (
        f"First by mean rank, all without thresholding, is {named(first)}, {points(gain)} of balanced "
        "accuracy over the baseline."
    )
    yield f"From it, {len(equals)} others do not differ significantly: {listed(equals)}."
    cheap = [name for name in [first, *equals] if params.methods[name].trains != "network"]
    if cheap:
        yield f"Of these, at most a classifier is trained, on features that there are: {listed(cheap)}."
    raised = effect(source.of("baseline", *THRESHOLDED) - source.of("baseline", *ARGMAX))
    yield thresholded(source, first)
    yield f"Thresholding alone, which costs nothing, changes the baseline by {points(raised)}."
    yield from against_thresholding(source, list(ranks["method"]))
    baseline = [name for name in ranks["method"] if name != "baseline"]
    undecided = [name for name in baseline if not significant(pairs, "baseline", name)]
    worse = [name for name in baseline if significant(pairs, "baseline", name) == -1]
    yield f"Not significantly different from the baseline: {listed(undecided)}; worse: {listed(worse)}."
    dear = [name for name in undecided + worse if len(params.methods[name].members()) > 1]
    if dear:
        yield f"Of these, several networks each, which is not worth its cost here: {listed(dear)}."
    yield from of_orders(source)


def thresholded(source: Source, first: str) -> str:
    """Return which method has the highest mean with thresholding, and whether it differs from the first."""
    means = {name: source.of(name, *THRESHOLDED).mean() for name in source.methods}
    highest = max(means, key=means.__getitem__)
    ahead = effect(source.of(highest, *THRESHOLDED) - source.of(first, *ARGMAX))
    words = decided(ahead, "above", "below", "not shown to differ from")
    return (
        f"With thresholding, {named(highest)} has the highest mean; it is {words} {named(first)} without: "
        f"{points(ahead)}."
    )


def against_thresholding(source: Source, methods: list[str]) -> Iterator[str]:
    """Yield which methods are better than the thresholded baseline; this is the best that costs nothing."""
    free = source.of("baseline", *THRESHOLDED)
    over = {name: effect(source.of(name, *ARGMAX) - free) for name in methods if name != "baseline"}
    above = [name for name, value in over.items() if value.sign > 0]
    below = [name for name, value in over.items() if value.sign < 0]
    yield (
        f"Over the thresholded baseline, by their intervals: {len(above)} of {len(over)} methods "
        f"({listed(above)}); below it: {len(below)}."
    )


def of_orders(source: Source) -> Iterator[str]:
    """Yield whether the orders of the sources are found."""
    for (one, other), paper in ORDERS.items():
        if {one, other} <= set(source.methods):
            value = effect(source.of(one, *ARGMAX) - source.of(other, *ARGMAX))
            found = decided(value, "found", "the contrary is found", "not decided")
            yield f"{named(one)} better than {named(other)} ({paper}): {found}, {points(value)}."


def table(study: str) -> str:
    """Return a Markdown table of the methods by rank."""
    source, _ = load(STUDIES / study)
    params = load_study(STUDIES / study / "params.yaml").common
    ranks, pairs = tables(study)
    rows = [
        "| | method | trains | mean rank | balanced accuracy | thresholded | ROC AUC | minority recall "
        "| over the baseline | better, worse than |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for place, row in enumerate(ranks.to_dict("records"), start=1):
        name = row["method"]
        measures = [ARGMAX, THRESHOLDED, ("auc", "any"), ("minority_recall", "argmax")]
        values = [f"{100 * source.of(name, *column).mean():.2f}" for column in measures]
        gain = effect(source.of(name, *ARGMAX) - source.of("baseline", *ARGMAX))
        star = "\N{ASTERISK}" if significant(pairs, name, "baseline") else ""
        over = "" if name == "baseline" else f"{points(gain)}{star}"
        counts = f"{row['better_than']}, {row['worse_than']}"
        cells = [place, named(name), cost(params, name), f"{row['rank']:.1f}", *values, over, counts]
        rows.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(rows)


def cost(params: Params, name: str) -> str:
    """Return what a method trains, and from which method's networks it starts."""
    method = params.methods[name]
    members = len(method.members())
    part = method.trains if members == 1 else f"{members} networks"
    return part if method.start == "initial" else f"{part} after {named(method.start)}"


def tables(study: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the ranks of a study, and its pairs of methods."""
    folder = STUDIES / study / paths.STUDY
    return read(folder / "ranking.csv", draw.RANKING), read(folder / "pairs.csv", draw.PAIRS)


def significant(pairs: pd.DataFrame, one: str, other: str) -> int:
    """Return 1 or -1 if `other` is significantly above or below `one`, else 0."""
    for first, second, sign in ((other, one, 1), (one, other, -1)):
        chosen = pairs[(pairs["method"] == first) & (pairs["other"] == second) & (pairs["p_holm"] < ALPHA)]
        if len(chosen):
            return int(sign * np.sign(chosen["difference"].iloc[0]))
    return 0


def listed(names: list[str]) -> str:
    """Return names in words, in a row, or "none"."""
    return ", ".join(map(named, names)) or "none"
