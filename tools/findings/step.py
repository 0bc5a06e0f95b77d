"""Findings on step imbalance (Buda et al. 2018, §4.1, §4.3, §4.4)."""

from collections.abc import Iterator
from math import log10

import pandas as pd

from imbalance.studies.contrasts import Source, by_condition, by_replicate, effect, slope
from imbalance.studies.words import (
    MU,
    NOTABLE,
    RHO,
    all_decided,
    at_places,
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
from tools.studies import STUDIES

AUC, ACCURACY, THRESHOLDED = ("auc", "any"), ("accuracy", "argmax"), ("accuracy", "prior")


def sentences(study: str) -> Iterator[str]:
    """Yield the findings."""
    source, full = load(STUDIES / study)
    some = imbalanced(source)
    yield from of_baseline(source, some)
    yield from of_sampling(some)
    yield from of_thresholding(some)
    if full is not None:
        yield from of_schedule(source, full)


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
        for name, column in {"AUC": AUC, "accuracy": ACCURACY}.items()
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
    yield f"With few minority classes, undersampling is {words}: {points(lost)} of AUC at {place(few)}."
    ends = {
        method: effect(
            some.where(rho=ratios[-1], mu=fractions[-1]).of(method, *AUC).droplevel("mu")
            - some.where(rho=ratios[-1], mu=fractions[0]).of(method, *AUC).droplevel("mu")
        )
        for method in ("undersampling", "baseline")
    }
    yield (
        f"Undersampling's own AUC at {MU} = {fractions[-1]:g} minus that at {MU} = {fractions[0]:g} is "
        f"{points(ends['undersampling'])} at {RHO} = {ratios[-1]:,g}; the baseline's is "
        f"{points(ends['baseline'])} (Figure 4)."
    )


def of_thresholding(some: Source) -> Iterator[str]:
    """Yield what thresholding does to accuracy."""
    raised = gains(some, ("baseline", *THRESHOLDED), ("baseline", *ACCURACY))
    words = all_decided(raised.values(), "everywhere raises", "everywhere lowers", "changes")
    yield (
        f"Thresholding {words} the baseline's accuracy: {counted(raised, 'above', 'below')}, "
        f"{spread(raised)} (Figure 6)."
    )
    for method in ("oversampling", "two_phase_over"):
        best = gains(some, (method, *THRESHOLDED), ("baseline", *THRESHOLDED))
        yield (
            f"{named(method).capitalize()} with thresholding against the baseline with "
            f"thresholding, accuracy: {counted(best, 'above', 'below')}, {spread(best)} (Figure 6)."
        )


def of_schedule(source: Source, full: Source) -> Iterator[str]:
    """Yield what the full schedule changes, at the conditions and for the methods that it is run for."""
    short, anchors = imbalanced(source), imbalanced(full)
    for what, column in {
        "AUC": AUC,
        "accuracy": ACCURACY,
        "accuracy with thresholding": THRESHOLDED,
    }.items():
        changes = {
            (method, *key): value
            for method in anchors.methods
            for key, value in by_condition(_change(anchors, short, method, column), ["rho", "mu"]).items()
        }
        own = {key[1:]: value for key, value in changes.items() if key[0] == "baseline"}
        yield f"The full schedule changes the {what} of the baseline by {at_places(own)}."
        others = sorted((value.mean, key) for key, value in changes.items() if key[0] != "baseline")
        if others:
            ends = (others[0][1], others[-1][1])
            least, most = (f"{points(changes[key])} ({named(key[0])}, {place(key[1:])})" for key in ends)
            yield f"It changes the {what} of the other methods by {least} to {most}."
    at_full, at_short = full.where(rho=1), source.where(rho=1)
    if at_full.methods:
        balanced = {
            name: effect(_of_baseline(at_full, *column) - _of_baseline(at_short, *column))
            for name, column in {"AUC": AUC, "accuracy": ACCURACY}.items()
        }
        parts = " and ".join(f"the {name} by {points(value)}" for name, value in balanced.items())
        yield f"On the balanced training set, it changes {parts}."
    for method in (name for name in anchors.methods if name != "baseline"):
        over = gains(anchors, (method, *AUC), ("baseline", *AUC))
        yield (
            f"At the full schedule, AUC of {named(method)} against the baseline's: "
            f"{counted(over, 'above', 'below')}: {at_places(over)}."
        )
    raised = gains(anchors, ("baseline", *THRESHOLDED), ("baseline", *ACCURACY))
    yield f"At the full schedule, thresholding changes the baseline's accuracy by {at_places(raised)}."


def _change(full: Source, short: Source, method: str, column: tuple[str, str]) -> pd.Series:
    """Return what the full schedule changes of a method's measure, by condition and replicate."""
    at_full, at_short = (each.of(method, *column).droplevel("budget") for each in (full, short))
    return (at_full - at_short).dropna()


def _of_baseline(source: Source, measure: str, rule: str) -> pd.Series:
    """Return a measure of the baseline by replicate, whatever else names the condition."""
    return by_replicate(source.of("baseline", measure, rule))
