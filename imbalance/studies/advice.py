"""Which method to use for one's own images: an answer that the intervals support, or none.

Every candidate, a method under a decision rule, is compared with doing nothing, paired by replicate. A
candidate is recommended only if it remains better after Holm's correction for all candidates. Doing nothing
is called as good only if no candidate's interval reaches `NOTABLE`. Otherwise the images cannot tell, and
the answer says how many test images it would take.
"""

import math
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from imbalance.errors import InputError
from imbalance.evaluation.statistics import CONFIDENCE, compare, holm
from imbalance.evaluation.testset import Z
from imbalance.studies import words
from imbalance.studies.ranking import ALPHA, RANKED

NOTABLE = words.NOTABLE["accuracy"]  # the smallest difference that matters
Verdict = Literal["use", "nothing", "unclear"]


class Candidate(NamedTuple):
    """A method under a decision rule."""

    method: str
    rule: str


NOTHING = Candidate("baseline", "argmax")


@dataclass(frozen=True)
class Advice:
    """The answer for a set of images, and what it rests on.

    `table` has a row for each candidate, the highest mean first: method, rule, n, its `difference` from doing
    nothing, the ends `low` and `high` of the 95 % interval, and `p_holm`. `best` is the first that is
    significantly better than doing nothing, or the first of all if none is. `alike` do not differ
    significantly from it, `worse` are significantly worse than doing nothing. The methods `stuck` are no
    candidates, since none of their networks is better than a guess. Of the class `smallest`, there are
    `images` test images; about `needed` would narrow the intervals to a notable difference.
    """

    verdict: Verdict
    table: pd.DataFrame
    best: Candidate
    alike: tuple[Candidate, ...]
    worse: tuple[Candidate, ...]
    stuck: tuple[str, ...]
    smallest: str
    images: int
    needed: int

    @property
    def candidates(self) -> list[Candidate]:
        """The candidates in the order of the table."""
        return _named(self.table)

    @property
    def gain(self) -> Mapping[Hashable, Any]:
        """The row of the best candidate."""
        return self.table.to_dict("records")[self.candidates.index(self.best)]


def advise(
    replicates: pd.DataFrame,
    comparisons: pd.DataFrame,
    test_images: pd.Series,
    methods: Collection[str],
    overlap: float = 0.0,
) -> Advice:
    """Return the advice for a study of these methods at one condition.

    `replicates` has columns method, rule, measure, replicate, value; `comparisons` those with the baseline,
    with the test images' own `test_error`; `test_images` are the numbers of test images of a replicate, by
    class, and `overlap` is that of repeated splits. Raises `InputError` if there are no comparisons.
    """
    if comparisons.empty:
        raise InputError(_incomparable(replicates, methods))
    smallest, images = str(test_images.idxmin()), int(test_images.min())
    least = least_half_width(images, len(test_images))
    table = whole(_of_candidates(comparisons), least).sort_values(
        "difference", ascending=False, kind="stable", ignore_index=True
    )
    candidates, significant = _named(table), table["p_holm"] < ALPHA
    better = significant & (table["difference"] > 0)
    best = candidates[int(better.argmax())]  # if none is better, the first
    rivals = compare(_of_candidates(replicates), best, overlap)
    rivals = whole(rivals.assign(test_error=table["test_error"].max()), least)
    differing = set(_named(rivals[rivals["p_holm"] < ALPHA]))
    alike = tuple(each for each in candidates if each not in {best, *differing})
    worse = significant & (table["difference"] < 0)
    verdict: Verdict = "nothing" if (table["high"] < NOTABLE).all() else "unclear"
    return Advice(
        verdict="use" if better.any() else verdict,
        table=table,
        best=best,
        alike=alike,
        worse=tuple(_named(table[worse])),
        stuck=tuple(method for method in methods if method not in set(replicates["method"])),
        smallest=smallest,
        images=images,
        needed=needed(images, (table["high"] - table["low"])[0] / 2),
    )


def whole(comparisons: pd.DataFrame, least: float) -> pd.DataFrame:
    """Return comparisons whose intervals and tests cover the draw of the test images, too.

    `test_error` is the half-width from the test images alone, and NaN where the intervals cover it already.
    No half-width is below `least`: that no replicate shows a difference on a few images does not exclude one.
    """
    difference, freedom = comparisons["difference"], comparisons["n"] - 1
    half = np.fmax(comparisons["high"] - difference, difference - comparisons["low"])
    half = half.mask(half.isna() & (comparisons["n"] > 1), 0)  # the replicates are all alike
    half = np.hypot(half, comparisons["test_error"].fillna(0)).clip(lower=least)
    critical = stats.t.ppf((1 + CONFIDENCE) / 2, freedom)
    p = 2 * stats.t.sf(difference.abs() / half * critical, freedom)
    return comparisons.assign(low=difference - half, high=difference + half, p=p, p_holm=holm(p))


def least_half_width(images: int, classes: int) -> float:
    """Return the half-width of balanced accuracy's interval if all images of a class are right (Jeffreys)."""
    return Z * float(stats.beta(images + 0.5, 0.5).std()) / classes


def needed(images: int, half: float) -> int:
    """Return how many images would make the half-width of an interval as small as `NOTABLE`.

    The number is rounded up to two digits; it is never below `images`.

    >>> needed(images=10, half=0.1)
    250
    """
    exact = images * max(1.0, half / NOTABLE) ** 2
    unit = 10 ** max(0, math.floor(math.log10(exact)) - 1)
    return math.ceil(round(exact / unit, 6)) * unit


def _incomparable(replicates: pd.DataFrame, methods: Collection[str]) -> str:
    """Return the reason why nothing is compared with the baseline; stuck networks have no replicates."""
    if NOTHING.method not in set(replicates["method"]):
        return (
            "the baseline's networks are all stuck, as good as a guess, so that nothing can be compared with "
            "them; raise `budget`, or change the learning rate."
        )
    if set(methods) == {NOTHING.method}:
        return (
            "the baseline is the only method, and argmax the only rule, so that nothing can be compared with "
            "it; add a method, or a rule."
        )
    return (
        "where the baseline's networks are better than a guess, those of all other methods are stuck, so "
        "that nothing can be compared with the baseline; raise `budget`, or lower the methods' `lr_factor`."
    )


def _of_candidates(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table's rows of candidates: methods as they decide, and the baseline under any rule.

    The other methods correct the imbalance themselves; a rule would do so twice.
    """
    own = (table["rule"] == "argmax") | (table["method"] == NOTHING.method)
    return table[(table["measure"] == RANKED) & own].reset_index(drop=True)


def _named(table: pd.DataFrame) -> list[Candidate]:
    return [Candidate(*row) for row in table[["method", "rule"]].itertuples(index=False)]
