"""Findings on step imbalance (Buda et al. 2018, §4.1, §4.3, §4.4)."""

from collections.abc import Iterator
from math import log10

import pandas as pd

from imbalance.studies.contrasts import Source, by_replicate, effect, slope
from imbalance.studies.words import (
    ACCURACY,
    AUC,
    MU,
    NOTABLE,
    RHO,
    THRESHOLDED,
    all_decided,
    counted,
    decided,
    gains,
    imbalanced,
    listed,
    named,
    place,
    points,
    scaled,
    spread,
)
from stages.measures import load
from tools.findings import schedule
from tools.studies import STUDIES

MEASURES = {"AUC": AUC, "accuracy": ACCURACY}  # of which most findings say what imbalance costs


def sentences(study: str) -> Iterator[str]:
    """Yield the findings."""
    source, full = load(STUDIES / study)
    some = imbalanced(source)
    yield from of_baseline(source, some)
    yield from of_sampling(some)
    yield from of_thresholding(some)
    if full is not None:
        yield from schedule.sentences(source, full)


def grid(source: Source) -> tuple[list[float], list[float]]:
    """Return the imbalance ratios at which there are several μ, and all μ."""
    conditions = source.of("baseline", *AUC).reset_index()[["rho", "mu"]].drop_duplicates()
    counts = conditions["rho"].value_counts()
    return sorted(counts[counts > 1].index), sorted(conditions["mu"].unique())


def of_baseline(source: Source, some: Source) -> Iterator[str]:
    """Yield what imbalance costs the baseline, by ρ and by μ, and against a balanced training set."""
    ratios, fractions = grid(some)
    at_each = {mu: some.where(mu=mu).of("baseline", *AUC) for mu in fractions}
    tenfold = {
        mu: slope(values, "rho", log10)
        for mu, values in at_each.items()
        if len(values.index.unique("rho")) > 1
    }
    words = all_decided(tenfold.values(), "rises", "falls", "does not change alike everywhere")
    by = listed(tenfold, MU)
    yield f"The baseline's AUC {words} with {RHO}: for each tenfold {RHO} by {by} (Figure 3)."
    a_class = {rho: scaled(slope(some.where(rho=rho).of("baseline", *AUC), "mu"), 0.1) for rho in ratios}
    words = all_decided(a_class.values(), "rises", "falls", "does not change alike everywhere")
    yield f"It {words} with {MU}: for each minority class more by {listed(a_class, RHO)} (Figure 4)."
    condition = ratios[-1], fractions[len(fractions) // 2]
    at = some.where(rho=condition[0], mu=condition[1])
    costs = {
        name: effect(_of_baseline(at, *column) - _of_baseline(source.where(rho=1), *column))
        for name, column in MEASURES.items()
    }
    parts = " and ".join(f"{points(value)} of {name}" for name, value in costs.items())
    yield (
        f"Against a balanced training set with as many images in its largest class, imbalance changes the "
        f"baseline by {parts} at {place(condition)}."
    )


def of_sampling(some: Source) -> Iterator[str]:
    """Yield how oversampling, undersampling and two-phase training compare with the baseline."""
    ratios, fractions = grid(some)
    for method in ("oversampling", "undersampling", "two_phase_over"):
        over = gains(some, (method, *AUC), ("baseline", *AUC))
        least = min(value.low for value in over.values())
        notable = (
            f"nowhere below it by {100 * NOTABLE['auc']:g} or more"
            if least > -NOTABLE["auc"]
            else f"a loss of {100 * NOTABLE['auc']:g} or more is not excluded everywhere"
        )
        yield (
            f"AUC of {named(method)} against the baseline's: {counted(over, 'above', 'below')}, "
            f"{spread(over)}; {notable} (Figures 3, 4)."
        )
    few = ratios[-1], fractions[0]
    at = some.where(rho=few[0], mu=few[1])
    lost = effect(at.of("undersampling", *AUC) - at.of("baseline", *AUC))
    words = decided(lost, "above the baseline", "below the baseline", "not shown to differ from the baseline")
    ends = {
        method: effect(
            some.where(rho=ratios[-1], mu=fractions[-1]).of(method, *AUC).droplevel("mu")
            - some.where(rho=ratios[-1], mu=fractions[0]).of(method, *AUC).droplevel("mu")
        )
        for method in ("undersampling", "baseline")
    }
    yield (
        f"With few minority classes, undersampling is {words}: {points(lost)} of AUC at {place(few)}. "
        f"At this {RHO}, from {MU} = {fractions[0]:g} to {fractions[-1]:g} its AUC changes by "
        f"{points(ends['undersampling'])}, the baseline's by {points(ends['baseline'])} (Figure 4)."
    )


def of_thresholding(some: Source) -> Iterator[str]:
    """Yield what thresholding does to accuracy."""
    raised = gains(some, ("baseline", *THRESHOLDED), ("baseline", *ACCURACY))
    words = all_decided(raised.values(), "everywhere raises", "everywhere lowers", "changes")
    yield (
        f"Thresholding {words} the baseline's accuracy: {counted(raised, 'above', 'below')}, "
        f"{spread(raised)} (Figure 6)."
    )
    both = {
        method: gains(some, (method, *THRESHOLDED), ("baseline", *THRESHOLDED))
        for method in ("oversampling", "two_phase_over")
    }
    parts = "; ".join(
        f"{named(method)} {counted(gain, 'above', 'below')}, {spread(gain)}" for method, gain in both.items()
    )
    yield f"Accuracy with thresholding, against that of the baseline with thresholding: {parts} (Figure 6)."


def _of_baseline(source: Source, measure: str, rule: str) -> pd.Series:
    """Return a measure of the baseline by replicate, whatever else names the condition."""
    return by_replicate(source.of("baseline", measure, rule))
