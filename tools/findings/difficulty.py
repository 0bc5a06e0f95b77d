"""Findings on how much the same imbalance costs on a harder task (Buda et al. 2018, §4.1)."""

from collections.abc import Iterator
from math import log10

from imbalance.studies.claims.samples import welch
from imbalance.studies.contrasts import Effect, Source, by_replicate, slope
from imbalance.studies.costs import changes, costs
from imbalance.studies.words import (
    ACCURACY,
    RHO,
    THRESHOLDED,
    counted,
    decided,
    gains,
    imbalanced,
    listed,
    place,
    points,
)
from stages.measures import load
from tools.findings.step import MEASURES
from tools.studies import STUDIES

EASIER = "mnist_step"  # the same question on an easier task


def sentences(study: str) -> Iterator[str]:
    """Yield the findings of a study that differs from the easier one by its data alone."""
    source, easier = (load(STUDIES / name)[0] for name in (study, EASIER))
    levels = [
        f"{100 * each.where(rho=1).of('baseline', *ACCURACY).mean():.1f} %" for each in (source, easier)
    ]
    yield f"On a balanced training set, the baseline's accuracy is {levels[0]}; on MNIST it is {levels[1]}."
    for name, column in MEASURES.items():
        change = slope(imbalanced(source).of("baseline", *column), "rho", log10)
        words = decided(change, "rises", "falls", "is not shown to change")
        yield f"The baseline's {name} {words} with {RHO}: for each tenfold {RHO} by {points(change)}."
    yield from against_easier(source, easier)
    for name, column in MEASURES.items():
        more = excess(source, easier, column)
        found = counted(more, "smaller", "larger")
        yield (
            f"What the same imbalance costs in {name} is {found} than on MNIST (by Welch's interval, as the "
            f"replicates of two data sets are not pairs): {listed(more, RHO)}."
        )
    raised = gains(imbalanced(source), ("baseline", *THRESHOLDED), ("baseline", *ACCURACY), (RHO,))
    yield f"Thresholding changes the baseline's accuracy by {listed(raised, RHO)}."


def against_easier(harder: Source, easier: Source) -> Iterator[str]:
    """Yield what imbalance costs the baseline on both tasks, at the conditions that they share."""
    here, there = ([costs(source, *column) for column in MEASURES.values()] for source in (harder, easier))
    for condition in sorted(set(here[0]) & set(there[0])):
        ours, theirs = (" and ".join(points(each[condition]) for each in both) for both in (here, there))
        yield (
            f"Against its balanced twin at {place(condition)}, the baseline's AUC and accuracy change by "
            f"{ours}; on MNIST, with random minority classes, by {theirs}."
        )


def excess(harder: Source, easier: Source, column: tuple[str, str]) -> dict[float, Effect]:
    """Return what imbalance changes on a harder task, minus the same of an easier one, by ratio.

    It is at the fraction of minority classes and the ratios that both have; below zero, it costs more.
    """
    fractions = set(harder.measures["mu"]) & set(easier.measures["mu"])
    here, there = (changes(source, *column) for source in (harder, easier))
    found = {}
    for rho in sorted(set(here.index.unique("rho")) & set(there.index.unique("rho"))):
        at = [
            by_replicate(each[each.index.isin(fractions, level="mu")].xs(rho, level="rho"))
            for each in (here, there)
        ]
        difference = welch(*at)
        found[rho] = Effect(difference.mean, *difference.interval, difference.n)
    return found
