"""Findings on how far to sample (Buda et al. 2018, §4.5, Figure 7)."""

from collections.abc import Iterator

from imbalance.studies.contrasts import Effect, Source, slope
from imbalance.studies.words import AUC, MU, all_decided, decided, gains, listed, points, scaled
from stages.measures import load
from tools.studies import STUDIES

LEVELS = {"1": "", "10": "_10", "100": "_100"}  # the ratio that is left, and how the method's name ends


def sentences(study: str) -> Iterator[str]:
    """Yield the findings."""
    source, _ = load(STUDIES / study)
    for kind, figure in {"oversampling": "Figure 7a", "undersampling": "Figure 7b"}.items():
        for level in ("10", "100"):
            over = by_mu(source, kind, kind + LEVELS[level])
            words = all_decided(over.values(), "everywhere better than", "everywhere worse than", "against")
            yield (
                f"AUC of full {kind}, {words} that of {kind} to a ratio of {level}: {listed(over, MU)} "
                f"({figure})."
            )
    for level in LEVELS:
        over = by_mu(source, "undersampling" + LEVELS[level], "baseline")
        against = f"AUC of undersampling to a ratio of {level} against the baseline's"
        yield f"{against}: {listed(over, MU)} (Figure 7b)."
    stronger = source.of("undersampling", *AUC) - source.of("undersampling_100", *AUC)
    trend = scaled(slope(stronger, "mu"), 0.1)
    words = decided(trend, "the stronger", "the weaker", "not clearly the stronger")
    yield (
        f"The more classes are in the minority, {words} the undersampling should be: with each of them, the "
        f"AUC of full undersampling gains {points(trend)} on that to a ratio of 100 (§5)."
    )
    over = by_mu(source, "undersampling", "oversampling")
    yield f"AUC of full undersampling against full oversampling: {listed(over, MU)}."


def by_mu(source: Source, one: str, other: str) -> dict[float, Effect]:
    """Return the difference in AUC between two methods by the fraction of minority classes."""
    return gains(source, (one, *AUC), (other, *AUC), (MU,))
