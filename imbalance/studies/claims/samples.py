"""Estimates from values by replicate, the exact test beside them, and the power that they had."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.meta_analysis import combine_effects
from statsmodels.stats.power import TTestPower

from imbalance.evaluation.statistics import NOISE
from imbalance.studies.claims.evidence import ALPHA, Estimate

EXACT = 2**12  # changes of sign up to which all are tried; of more, as many are drawn
MIDPOINTS = 1000  # at which the distribution of a standard error is evaluated
FEWEST = 3  # cases whose spread is described


def paired(values: pd.Series, scale: float = 1, runs: float = math.inf) -> Estimate:
    """Return the mean of values by replicate; NaN are left out.

    `scale` is that of the values behind them, for rounding errors not to pass for differences. `runs` is the
    number of runs behind a published value that was subtracted, which is as uncertain as so many of ours.
    """
    found = values.dropna().to_numpy(dtype=float)
    n = len(found)
    std = float(np.std(found, ddof=1)) if n > 1 else 0.0
    error = std * math.sqrt(1 / n + 1 / runs) if std > NOISE * scale else 0.0
    return Estimate(float(found.mean()) if n else math.nan, error, max(n - 1, 1), n)


def welch(one: pd.Series, other: pd.Series) -> Estimate:
    """Return the difference of two means whose replicates are not paired (Welch 1947)."""
    return combined([paired(one), paired(-other)], [1, 1])


def combined(estimates: Sequence[Estimate], weights: Sequence[float] | None = None) -> Estimate:
    """Return the weighted sum of independent estimates, by default their mean (Welch & Satterthwaite)."""
    by = np.full(len(estimates), 1 / len(estimates)) if weights is None else np.array(weights)
    variances = by**2 * np.array([each.error for each in estimates]) ** 2
    freedom = np.array([each.freedom for each in estimates])
    whole = float(variances.sum())
    known = all(each.error > 0 for each in estimates)
    return Estimate(
        mean=float(by @ np.array([each.mean for each in estimates])),
        error=math.sqrt(whole) if known else 0.0,
        freedom=whole**2 / float((variances**2 / freedom).sum()) if known else 1.0,
        n=min(each.n for each in estimates),
    )


def exact_p(values: pd.Series) -> float:
    """Return the two-sided p-value of a mean of zero by all changes of sign; NaN for a single value."""
    found = values.dropna().to_numpy(dtype=float)
    if len(found) < 2:
        return math.nan
    tested = stats.permutation_test(
        (found,), np.mean, permutation_type="samples", n_resamples=EXACT, vectorized=True, rng=0
    )
    return float(tested.pvalue)


def power_to_find(effect: float, found: Estimate) -> float:
    """Return the power of the t-test at one side to find an effect, with the spread that was observed."""
    if not found.error > 0:
        return math.nan
    size = effect / (found.error * math.sqrt(found.n))
    return float(TTestPower().power(size, found.n, ALPHA, df=found.freedom, alternative="larger"))


def power_of_equality(margin: float, found: Estimate) -> float:
    """Return the power of the two one-sided tests if the true difference is zero.

    For a standard error s of `freedom` degrees of freedom, it is the chance that the mean is within
    margin - t s of zero, averaged over the distribution of s.
    """
    if not found.error > 0:
        return math.nan
    quantiles = (np.arange(MIDPOINTS) + 0.5) / MIDPOINTS
    errors = np.sqrt(stats.chi2.ppf(quantiles, found.freedom) / found.freedom)
    room = margin / found.error - float(stats.t.isf(ALPHA, found.freedom)) * errors
    return float(np.maximum(0, 1 - 2 * stats.norm.sf(room)).mean())


def spread(estimates: Sequence[Estimate]) -> tuple[float, float, float]:
    """Return the standard deviation between cases, and the limits between which another one is expected.

    It is a random-effects fit (Paule & Mandel 1982), which takes cases for independent, and so describes
    only. NaN for fewer than three cases.
    """
    known = [each for each in estimates if each.error > 0]
    if len(known) < FEWEST:
        return math.nan, math.nan, math.nan
    means = np.array([each.mean for each in known])
    with np.errstate(divide="ignore"):  # of a share that is not used, where cases do not differ
        fit = combine_effects(means, np.array([each.error for each in known]) ** 2, method_re="iterated")
    tau2 = max(0.0, float(fit.tau2))
    half = float(stats.t.isf(ALPHA, len(known) - 2)) * math.sqrt(tau2 + float(fit.sd_eff_w_re) ** 2)
    return math.sqrt(tau2), float(fit.mean_effect_re) - half, float(fit.mean_effect_re) + half
