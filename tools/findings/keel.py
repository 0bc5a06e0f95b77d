"""Findings on a KEEL table at three minority shares, beside Table 7 of the survey (Wang et al. 2016)."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from imbalance.studies.contrasts import Effect, Source, slope
from imbalance.studies.words import AUC, RHO, decided, gains, named, points
from stages.measures import load
from tools.findings.stuck import of_stuck
from tools.studies import STUDIES

F1 = ("f1", "argmax")
BALANCED, THRESHOLDED = ("balanced_accuracy", "argmax"), ("balanced_accuracy", "prior")
OF_ERRORS = {"squared_error": "the squared error", "mfe": "MFE", "msfe": "MSFE"}
SHARES = {4.0: "20 %", 9.0: "10 %", 19.0: "5 %"}  # of the minority among the training rows, by rho
Three = tuple[float, float, float]


class Published(NamedTuple):
    """A set of Table 7: a measure of the mean squared error, MFE and MSFE at 20, 10 and 5 %."""

    name: str
    f1: tuple[Three, Three, Three]
    auc: tuple[Three, Three, Three]


# Pairs of superclasses of CIFAR-100, as images.
PUBLISHED = (
    Published(
        "Household",
        ((0.3913, 0.4138, 0.4271), (0.2778, 0.2797, 0.3151), (0.1143, 0.1905, 0.2353)),
        ((0.7142, 0.7397, 0.7354), (0.7125, 0.7179, 0.7193), (0.6714, 0.6950, 0.6970)),
    ),
    Published(
        "Tree 1",
        ((0.5500, 0.5500, 0.5366), (0.4211, 0.4211, 0.4211), (0.1667, 0.2353, 0.2353)),
        ((0.8100, 0.8140, 0.8185), (0.7960, 0.7990, 0.7990), (0.7920, 0.8000, 0.8000)),
    ),
    Published(
        "Tree 2",
        ((0.4348, 0.4255, 0.4255), (0.1818, 0.2609, 0.2500), (0.0000, 0.1071, 0.1481)),
        ((0.8480, 0.8450, 0.8440), (0.8050, 0.8050, 0.8060), (0.5480, 0.6520, 0.7000)),
    ),
)


def sentences(study: str) -> Iterator[str]:
    """Yield the findings."""
    source, _ = load(STUDIES / study)
    yield of_stuck(study)
    yield from of_errors(source)
    plain, thresholded = ("baseline", *BALANCED), ("baseline", *THRESHOLDED)
    squared = gains(source, ("squared_error", *BALANCED), plain, (RHO,))
    yield f"Balanced accuracy of the squared error against cross entropy (the baseline): {by_share(squared)}."
    free = gains(source, thresholded, plain, (RHO,))
    yield f"That of the thresholded baseline, which costs nothing: {by_share(free)}."
    for name in source.methods:
        if name not in ("baseline", "squared_error"):
            gain = gains(source, (name, *BALANCED), plain, (RHO,))
            over = gains(source, (name, *BALANCED), thresholded, (RHO,))
            signs = [value.sign for value in over.values()]
            yield (
                f"That of {named(name)}: {by_share(gain)}; above the thresholded baseline at "
                f"{signs.count(1)} of {len(signs)} shares, below it at {signs.count(-1)}."
            )


def of_errors(source: Source) -> Iterator[str]:
    """Yield whether the false errors are better than the squared error, and where they are so the most."""
    for one, other in (("mfe", "squared_error"), ("msfe", "squared_error"), ("msfe", "mfe")):
        for measure, column in {"F1": F1, "AUC": AUC}.items():
            trend = slope(source.of(one, *column) - source.of(other, *column), "rho")
            words = decided(trend, "it grows", "it falls", "no trend is clear")
            yield (
                f"{measure} of {OF_ERRORS[one]} against that of {OF_ERRORS[other]}: "
                f"{by_share(gains(source, (one, *column), (other, *column), (RHO,)))}; as the minority gets "
                f"rarer, {words}."
            )


def by_share(effects: Mapping[float, Effect]) -> str:
    """Return effects in a row, each with its share of the minority."""
    return "; ".join(f"{points(value)} at {SHARES[rho]}" for rho, value in effects.items())


def table(study: str) -> str:
    """Return a Markdown table of the squared error, MFE and MSFE, here and in Table 7."""
    source, _ = load(STUDIES / study)
    sets = [each.name for each in PUBLISHED]
    rows = [
        f"| squared error, MFE, MSFE | minority | here, yeast1 | {' | '.join(sets)} |",
        f"|---|---|---|{'---|' * len(sets)}",
    ]
    for measure, column in {"F1": F1, "AUC": AUC}.items():
        for at, (rho, share) in enumerate(SHARES.items()):
            ours = [float(source.where(rho=rho).of(name, *column).mean()) for name in OF_ERRORS]
            theirs = [(each.f1 if measure == "F1" else each.auc)[at] for each in PUBLISHED]
            cells = [", ".join(f"{value:.3f}" for value in three) for three in (ours, *theirs)]
            rows.append(f"| {measure} | {share} | {' | '.join(cells)} |")
    return "\n".join(rows)
