"""Findings on step imbalance of CIFAR-10 (Buda et al. 2018, §4.1, §4.3, §4.4).

The minority classes are those with the lowest labels, as in the paper, and so the same in all replicates; at
conditions beside the grid they are random. What differs between the two is due to which classes are small.
"""

from collections.abc import Iterator

from imbalance.studies.contrasts import Source, by_condition
from imbalance.studies.words import (
    ACCURACY,
    AUC,
    THRESHOLDED,
    Column,
    at_places,
    gains,
    imbalanced,
    named,
    points,
)
from stages.measures import load
from tools.findings import difficulty, step
from tools.studies import STUDIES

BASELINE: Column = ("baseline", *AUC)


def sentences(study: str) -> Iterator[str]:
    """Yield the findings."""
    source, easier = (load(STUDIES / name)[0] for name in (study, difficulty.EASIER))
    fixed, random = (imbalanced(source).where(minority=which) for which in ("lowest", "random"))
    yield from step.of_baseline(source.where(minority="lowest"), fixed)
    yield from step.of_sampling(fixed)
    yield from step.of_thresholding(fixed)
    yield from difficulty.against_easier(source.where(minority="lowest"), easier)
    if random.methods:
        yield from of_random(random, fixed)


def of_random(random: Source, fixed: Source) -> Iterator[str]:
    """Yield what changes if each replicate has minority classes of its own, at the same class sizes."""
    for name, column in step.MEASURES.items():
        one, other = (each.of("baseline", *column).droplevel("minority") for each in (random, fixed))
        changes = at_places(by_condition((one - other).dropna(), ["rho", "mu"]))
        yield (
            f"With random minority classes in place of the lowest labels, the baseline's {name} changes by "
            f"{changes}."
        )
    for method in ("oversampling", "undersampling", "two_phase_over"):
        over = _both(random, fixed, (method, *AUC), BASELINE)
        yield f"AUC of {named(method)} against the baseline's with random minority classes: {over}."
    raised = _both(random, fixed, ("baseline", *THRESHOLDED), ("baseline", *ACCURACY))
    yield f"What thresholding adds to the baseline's accuracy with random minority classes: {raised}."


def table(study: str) -> str:
    """Return a Markdown table: AUC and accuracy of each method against the baseline's, at each condition."""
    source, _ = load(STUDIES / study)
    some = imbalanced(source)
    rows = ["| against the baseline | ρ | μ | minority | ROC AUC | accuracy |", "|---|---|---|---|---|---|"]
    columns = {name: [(name, *AUC), (name, *ACCURACY)] for name in some.methods if name != "baseline"}
    columns["baseline, thresholded"] = [BASELINE, ("baseline", *THRESHOLDED)]
    for name, both in columns.items():
        auc, accuracy = (
            by_condition((some.of(*own) - some.of("baseline", *column)).dropna(), ["minority", "rho", "mu"])
            for own, column in zip(both, (AUC, ACCURACY), strict=True)
        )
        for (minority, rho, mu), value in auc.items():
            of_auc = "" if name not in some.methods else points(value)
            of_accuracy = points(accuracy[minority, rho, mu])
            rows.append(f"| {named(name)} | {rho:g} | {mu:g} | {minority} | {of_auc} | {of_accuracy} |")
    return "\n".join(rows)


def _both(random: Source, fixed: Source, one: Column, other: Column) -> str:
    """Return the difference between two columns with random minority classes, and with the fixed ones."""
    drawn, lowest = (gains(each, one, other) for each in (random, fixed))
    same = {condition: lowest[condition] for condition in drawn}
    return f"{at_places(drawn)}; with the lowest labels {at_places(same)}"
