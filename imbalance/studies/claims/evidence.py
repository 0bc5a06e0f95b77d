"""What data say of a claim: three p-values, and how those of cases and parts become those of the whole.

One interval decides: 95 %, that is 2.5 % at each side (`ALPHA`), so all p-values here are one-sided. What
needs k of N cases is shown if the partial conjunction of their p-values is: (N - k + 1) times the k-th
smallest (Benjamini & Heller 2008), whatever the dependence between the cases. For all of N (k = N) that is
the largest, so that nothing is corrected; for one of N it is Bonferroni's, which is Holm's first step.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

ALPHA = 0.025
Quantifier = Literal["all", "almost all", "most", "many", "some", "pool"]
HELD, CONTRADICTED, NOT_HELD, UNDECIDED = "held", "contradicted", "not held", "not enough data"


@dataclass(frozen=True)
class Evidence:
    """The p-values of three statements: the claim holds; its contrary does; what it says is not reached."""

    holds: float = 1
    contrary: float = 1
    fails: float = 1

    @property
    def verdict(self) -> str:
        """The verdict in words; without enough evidence for any statement, it is `UNDECIDED`."""
        statements = {HELD: self.holds, CONTRADICTED: self.contrary, NOT_HELD: self.fails}
        return next((name for name, p in statements.items() if p <= ALPHA), UNDECIDED)

    @property
    def p(self) -> float:
        """The two-sided p-value of the verdict; without one, that of the claim."""
        of = {CONTRADICTED: self.contrary, NOT_HELD: self.fails}
        return min(1.0, 2 * of.get(self.verdict, self.holds))


@dataclass(frozen=True)
class Estimate:
    """A mean with its standard error, Student's degrees of freedom, and the number of replicates behind it.

    Without a standard error (one replicate, or values that do not differ) it is evidence of nothing: too few
    distinct replicates are not certainty.
    """

    mean: float
    error: float
    freedom: float
    n: int

    def above(self, limit: float) -> float:
        """Return the p-value of a mean above a limit."""
        return float(stats.t.sf((self.mean - limit) / self.error, self.freedom)) if self.error > 0 else 1.0

    def below(self, limit: float) -> float:
        """Return the p-value of a mean below a limit."""
        return float(stats.t.cdf((self.mean - limit) / self.error, self.freedom)) if self.error > 0 else 1.0

    @property
    def interval(self) -> tuple[float, float]:
        """Student's 95 % interval; NaN without a standard error."""
        if not self.error > 0:
            return math.nan, math.nan
        half = float(stats.t.isf(ALPHA, self.freedom)) * self.error
        return self.mean - half, self.mean + half

    @property
    def p(self) -> float:
        """The two-sided p-value of a mean of zero; NaN without a standard error."""
        return min(1.0, 2 * min(self.above(0), self.below(0))) if self.error > 0 else math.nan


def superior(found: Estimate, margin: float, counts: float) -> Evidence:
    """Return whether a difference is above `margin`; that even `counts` is excluded means that it is not."""
    return Evidence(found.above(margin), found.below(0), found.below(max(margin, counts)))


def not_inferior(found: Estimate, margin: float) -> Evidence:
    """Return whether a loss of `margin` is excluded."""
    worse = found.below(-margin)
    return Evidence(found.above(-margin), worse, worse)


def equal(found: Estimate, margin: float) -> Evidence:
    """Return whether a difference is shown to be within `margin` (two one-sided tests)."""
    return Evidence(
        holds=max(found.above(-margin), found.below(margin)),
        contrary=min(found.above(margin), found.below(-margin)),
        fails=min(found.above(0), found.below(0)),
    )


def best(over_rivals: Sequence[Estimate], margin: float) -> Evidence:
    """Return whether no rival is better by `margin`; any better one contradicts it."""
    worse = min(1.0, len(over_rivals) * min(found.below(0) for found in over_rivals))
    return Evidence(max(found.above(-margin) for found in over_rivals), worse, worse)


def needed(quantifier: Quantifier, cases: int) -> int:
    """Return how many of `cases` (at least one) must hold.

    >>> [needed("almost all", cases) for cases in (3, 9, 10, 36)]
    [3, 9, 9, 33]
    """
    shares = {"almost all": 0.9, "many": 0.25}
    match quantifier:
        case "all" | "pool":
            return cases
        case "most":
            return cases // 2 + 1
        case "some":
            return 1
        case _:
            return math.ceil(shares[quantifier] * cases - 1e-9)


def at_least(k: int, of: Sequence[Evidence]) -> Evidence:
    """Return the evidence that at least k of several cases hold.

    It is contradicted, or fails, if so many cases do that fewer than k are left.
    """
    most = len(of) - k + 1
    return Evidence(
        holds=_partial(k, [each.holds for each in of]),
        contrary=_partial(most, [each.contrary for each in of]),
        fails=_partial(most, [each.fails for each in of]),
    )


def _partial(k: int, p: Sequence[float]) -> float:
    """Return the p-value that at least k of several statements are true."""
    return min(1.0, (len(p) - k + 1) * float(np.sort(p)[k - 1]))
