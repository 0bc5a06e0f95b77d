"""Statistics over few replicates: confidence intervals, and paired comparisons with the baseline.

Where every replicate tests a part of the same images, and is trained on the rest, replicates are correlated.
The variance of a mean of n values is then not S^2 / n but about (1 / n + m / (N - m)) S^2, if m of N images
are tested (Nadeau & Bengio 2003, section 4.3). This m / (N - m) is the `overlap` here, and 0 if all
replicates share the test images. With it, intervals also cover the draw of the test images, and the paired
t-test is the corrected resampled t-test.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from imbalance.subsets.subset import Subset, minority_classes

CONFIDENCE = 0.95
NOISE = 2e-6  # values that differ by no more differ by rounding: tables in Git have six digits
RANGES = {"matthews": (-1.0, 1.0), "brier": (0.0, 2.0)}  # all other measures range from 0 to 1
CORRECTED = "corrected for the overlap of the splits as in Nadeau & Bengio 2003"
CUT = {(False, False): "none", (True, False): "low", (False, True): "high", (True, True): "both"}


def summarize(replicates: pd.DataFrame, overlap: float = 0.0) -> pd.DataFrame:
    """Return the mean, standard deviation and 95 % interval of every measure.

    `replicates` has columns method, rule, measure, replicate, value. The interval is Student's with n - 1
    degrees of freedom, cut at the limits of the measure's range; `cut` is then "low", "high" or "both".
    `coverage` says what it covers. There is none (NaN) for one replicate, nor for several whose values do not
    differ: too few distinct replicates are not certainty.
    """
    keys = ["method", "rule", "measure"]
    rows = []
    for (method, rule, measure), values in replicates.groupby(keys, sort=False)["value"]:
        limits = RANGES.get(measure, (0.0, 1.0))
        row = {"method": method, "rule": rule, "measure": measure}
        rows.append(row | _interval(values.to_numpy(), limits, overlap))
    return pd.DataFrame(rows)


def half_width(std: float, n: int, overlap: float = 0.0) -> float:
    """Return the half-width of Student's 95 % interval of the mean of n values, without regard to limits."""
    return float(stats.t.ppf((1 + CONFIDENCE) / 2, n - 1) * std / np.sqrt(n) * np.sqrt(1 + n * overlap))


def overlap_of(subsets: Sequence[Subset]) -> float:
    """Return how many images are tested for each that is not, on average; 0 if all test the same ones."""
    shares = [subset.test.mean() for subset in subsets if subset.test is not None]
    return float(np.mean(shares) / (1 - np.mean(shares))) if shares else 0.0


def coverage(subsets: Sequence[Subset]) -> str:
    """Return in words what varies between replicates, and so what intervals cover, by their training sets.

    >>> natural = Subset(indices=np.arange(3), sizes=np.array([1, 2]))
    >>> coverage([natural, natural])
    'over weights and batches, on the same training and test images'
    """
    first, *others = subsets
    if not others:
        return "of one replicate there is none"
    if first.test is not None:
        roles = {tuple(minority_classes(subset.sizes)) for subset in subsets}
        classes = "minority classes, " if len(roles) > 1 else ""
        return f"over {classes}test and training images, weights and batches, {CORRECTED}"
    drawn, shared = ["weights and batches"], "training and test images"
    if any((each.indices != first.indices).any() for each in others):
        drawn, shared = ["training images", *drawn], "test images"
    if any((each.sizes != first.sizes).any() for each in others):
        drawn = ["minority classes", *drawn]
    return f"over {', '.join(drawn)}, on the same {shared}"


def compare(
    replicates: pd.DataFrame, baseline: tuple[str, str] = ("baseline", "argmax"), overlap: float = 0.0
) -> pd.DataFrame:
    """Compare every other method and rule with the baseline under argmax, paired by replicate.

    Returns the difference, its 95 % interval and the two-sided p-value of the paired t-test; `p_holm` is
    corrected for the comparisons on the same measure (Holm 1979). Replicates that either lacks are left out.
    Rule "any" marks measures that do not depend on the rule.
    """
    wide = replicates.pivot_table(
        index="replicate", columns=["measure", "method", "rule"], values="value", sort=False, dropna=False
    )
    rows = []
    for measure, method, rule in wide.columns.drop_duplicates():
        reference = (measure, baseline[0], "any" if rule == "any" else baseline[1])
        if (measure, method, rule) == reference or reference not in wide:
            continue
        pairs = wide[[(measure, method, rule), reference]].dropna().to_numpy()
        if not len(pairs):
            continue
        low, high = RANGES.get(measure, (0.0, 1.0))
        difference = pairs[:, 0] - pairs[:, 1]
        row = {"method": method, "rule": rule, "measure": measure}
        row |= _interval(difference, (low - high, high - low), overlap)
        row["p"] = _paired_p(difference, overlap)
        rows.append(row)
    columns = ["method", "rule", "measure", "n", "difference", "low", "high", "cut", "p"]
    table = pd.DataFrame(rows).rename(columns={"mean": "difference"}).reindex(columns=columns)
    table["p_holm"] = table.groupby("measure")["p"].transform(lambda p: holm(p.to_numpy()))
    return table


def holm(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return p-values (m,) with Holm's step-down correction; NaN stays NaN, and is not counted.

    >>> holm(np.array([0.01, 0.04, 0.03]))
    array([0.03, 0.06, 0.06])
    """
    corrected = np.full(len(p), np.nan)
    order = [index for index in np.argsort(p) if not np.isnan(p[index])]
    running = 0.0
    for rank, index in enumerate(order):
        running = max(running, min(1.0, (len(order) - rank) * p[index]))
        corrected[index] = running
    return corrected


def _interval(values: NDArray[np.float64], limits: tuple[float, float], overlap: float) -> dict[str, Any]:
    """Return the number, mean, standard deviation and interval of values.

    The interval is NaN if the values differ by rounding only.
    """
    n, mean = len(values), float(np.mean(values))
    std = float(np.std(values, ddof=1)) if n > 1 else np.nan
    half = half_width(std, n, overlap) if std > NOISE else np.nan
    ends = np.array([mean - half, mean + half])
    beyond = ends[0] < limits[0], ends[1] > limits[1]
    low, high = np.clip(ends, *limits).tolist()  # NaN stays NaN
    return {"n": n, "mean": mean, "std": std, "low": low, "high": high, "cut": CUT[beyond]}


def _paired_p(difference: NDArray[np.float64], overlap: float) -> float:
    """Return the p-value of a zero mean.

    It is 1 if no replicate differs, and NaN if all differ by the same amount or there is only one replicate.
    """
    if len(difference) < 2:
        return np.nan
    if np.abs(difference).max() <= NOISE:
        return 1.0
    if np.std(difference, ddof=1) <= NOISE:
        return np.nan
    t = stats.ttest_1samp(difference, 0).statistic / np.sqrt(1 + len(difference) * overlap)
    return float(2 * stats.t.sf(abs(t), len(difference) - 1))
