"""Findings on linear imbalance (Buda et al. 2018, §4.1, §4.3, Figures 5a-b)."""

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
    decided,
    gains,
    imbalanced,
    listed,
    named,
    points,
)
from stages.measures import load, of_grid
from tools.findings.step import MEASURES
from tools.studies import STUDIES

FIGURES = {"mnist_linear": "Figure 5a", "cifar10_linear": "Figure 5b"}
HALF = 0.5  # of the classes: step imbalance then has as many images in all


def sentences(study: str) -> Iterator[str]:
    """Yield the findings."""
    source, _ = load(STUDIES / study)
    some, highest, figure = imbalanced(source), source.measures["rho"].max(), FIGURES[study]
    for name, column in MEASURES.items():
        at, balanced = (
            each.of("baseline", *column).droplevel("rho")
            for each in (some.where(rho=highest), source.where(rho=1))
        )
        size = _sized(at - balanced, column[0])
        yield f"Linear imbalance of {RHO} = {highest:,g} changes the baseline's {name} by {size} ({figure})."
    for method in ("oversampling", "undersampling", "two_phase_under"):
        over = gains(some, (method, *AUC), ("baseline", *AUC), (RHO,))
        yield f"AUC of {named(method)} against the baseline's: {listed(over, RHO)} ({figure})."
    fall = slope(some.of("undersampling", *AUC), "rho", log10)
    words = decided(fall, "rises", "falls", "is not shown to change")
    yield f"Undersampling's AUC {words} with {RHO}: for each tenfold {RHO} by {points(fall)} ({figure})."
    yield from of_step(some, study.replace("linear", "step"))
    raised = gains(some, ("baseline", *THRESHOLDED), ("baseline", *ACCURACY), (RHO,))
    yield f"Thresholding changes the baseline's accuracy by {listed(raised, RHO)}."


def of_step(some: Source, study: str) -> Iterator[str]:
    """Yield how it compares with a study of step imbalance, at the same ratio and number of images."""
    step = of_grid(load(STUDIES / study)[0])
    for name, column in MEASURES.items():
        both = {}
        for rho in sorted(set(some.measures["rho"]) & set(step.measures["rho"])):
            ours, theirs = (
                by_replicate(each.of("baseline", *column))
                for each in (some.where(rho=rho), step.where(rho=rho, mu=HALF))
            )
            both[rho] = effect(ours - theirs)
        words = all_decided(both.values(), "less", "more", "not everywhere less")
        yield (
            f"Linear imbalance costs the baseline {words} {name} than step imbalance with as many images "
            f"({MU} = {HALF:g}): the difference is {listed(both, RHO)} (§4.3)."
        )


def _sized(difference: pd.Series, measure: str) -> str:
    """Return an effect in words, and whether it is notable."""
    value, limit = effect(difference), NOTABLE[measure]
    if value.low > -limit and value.high < limit:
        size = f"less than the {100 * limit:g} that we call notable"
    else:
        size = "notable" if value.low > limit or value.high < -limit else "perhaps notable"
    return f"{points(value)} against a balanced training set: {size}"
