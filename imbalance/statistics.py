"""What the replicates say: intervals, and paired comparisons with the baseline, for few replicates."""

import warnings

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

CONFIDENCE = 0.95


def summarize(replicates: pd.DataFrame) -> pd.DataFrame:
    """Mean, standard deviation and 95 % interval of every measure.

    `replicates` has columns method, rule, measure, replicate, value. The interval is Student's, n - 1
    degrees of freedom: it covers the draw of minority classes, images, weights and batches, not that of
    the test set, which all replicates share. One replicate has neither spread nor interval (NaN).
    """
    keys = ["method", "rule", "measure"]
    rows = [
        dict(zip(keys, key, strict=True)) | _interval(values.to_numpy())
        for key, values in replicates.groupby(keys, sort=False)["value"]
    ]
    return pd.DataFrame(rows)


def compare(replicates: pd.DataFrame, baseline: tuple[str, str] = ("baseline", "argmax")) -> pd.DataFrame:
    """Every other method and rule minus the baseline under argmax, paired by replicate, where both have it.

    Difference, 95 % interval and two-sided p-value of the paired t-test; `p_holm` is corrected for the
    comparisons made on the same measure (Holm 1979). Rule "any" marks measures that no rule changes.
    """
    wide = replicates.pivot_table(
        index="replicate", columns=["measure", "method", "rule"], values="value", sort=False, dropna=False
    )
    rows = []
    for measure, method, rule in wide.columns.drop_duplicates():
        reference = (measure, baseline[0], "any" if rule == "any" else baseline[1])
        if (measure, method, rule) == reference or reference not in wide:
            continue
        difference = (wide[measure, method, rule] - wide[reference]).dropna().to_numpy()
        if not len(difference):
            continue
        interval = _interval(difference)
        rows.append(
            {
                "method": method,
                "rule": rule,
                "measure": measure,
                "n": interval["n"],
                "difference": interval["mean"],
                "low": interval["low"],
                "high": interval["high"],
                "p": _paired_p(difference),
            }
        )
    table = pd.DataFrame(rows, columns=["method", "rule", "measure", "n", "difference", "low", "high", "p"])
    table["p_holm"] = table.groupby("measure")["p"].transform(lambda p: holm(p.to_numpy()))
    return table


def holm(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Holm's step-down correction of p-values (m,); NaN in, NaN out.

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


def _interval(values: NDArray[np.float64]) -> dict[str, float]:
    n, mean = len(values), float(np.mean(values))
    std = float(np.std(values, ddof=1)) if n > 1 else np.nan
    half = float(stats.t.ppf((1 + CONFIDENCE) / 2, n - 1)) * std / np.sqrt(n) if n > 1 else np.nan
    return {"n": n, "mean": mean, "std": std, "low": mean - half, "high": mean + half}


def _paired_p(difference: NDArray[np.float64]) -> float:
    """p-value of mean zero; 1 where all differences are zero, NaN for fewer than two replicates."""
    if len(difference) < 2:
        return np.nan
    if not difference.any():
        return 1.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of differences that are nearly all the same
        return float(stats.ttest_1samp(difference, 0).pvalue)
