"""How many replicates a difference needs to be found, by the variance between replicates."""

import math

import pandas as pd
from statsmodels.stats.power import TTestIndPower, TTestPower

from imbalance.studies.variance import BASELINE, MEASURES, MINUS_BASELINE, interval, of_methods

DIFFERENCE = 0.005  # half a % point
POWER, ALPHA = 0.8, 0.05
CLEAR = 2.0  # standard deviations; what is larger needs no fewer, as SciPy does not know all its powers
PAIRED, UNPAIRED = "paired", "unpaired"
NEEDED = dict.fromkeys(("method", "rule", "measure", "design"), "str") | dict.fromkeys(
    ("difference", "std", "replicates", "low", "high"), "float64"
)


def replicates(std: float, difference: float, design: str) -> float:
    """Return how many replicates the two-sided t-test needs to find a difference with 80 % power at 5 %.

    `std` is the standard deviation of the differences of pairs, or unpaired, that of either method's values;
    unpaired, each method needs so many. NaN if it is NaN; at least 5, unpaired 6.

    >>> replicates(0.01, 0.005, "paired"), replicates(0.01, 0.005, "unpaired")
    (34.0, 64.0)
    """
    if math.isnan(std):
        return math.nan
    test = TTestPower() if design == PAIRED else TTestIndPower()
    effect = min(difference / std, CLEAR) if std else CLEAR
    return float(math.ceil(test.solve_power(effect_size=effect, alpha=ALPHA, power=POWER)))


def needed(measures: pd.DataFrame, difference: float = DIFFERENCE) -> pd.DataFrame:
    """Return how many replicates it takes to find a difference of each method from the baseline.

    `measures` are those of the design of imbalance/studies/variance.py; the replicates needed are ordinary
    ones, each with draws of its own. The intervals are those of the variances. Unpaired, they are as if both
    methods' variances erred alike; as both have the same subsets and weights, they nearly do.
    """
    rows = []
    for measure, rule in MEASURES:
        found = of_methods(measures, measure, rule)
        for method in found:
            if (name := MINUS_BASELINE.format(method)) not in found:
                continue
            one, other, both = found[method], found[BASELINE], found[name]
            variances = {
                PAIRED: (both.total, both.totals),
                UNPAIRED: ((one.total + other.total) / 2, (one.totals + other.totals) / 2),
            }
            for design, (variance, draws) in variances.items():
                stds = [math.sqrt(each) for each in (variance, *interval(draws))]
                counts = [replicates(std, difference, design) for std in stds]
                rows.append([method, rule, measure, design, difference, stds[0], *counts])
    return pd.DataFrame(rows, columns=list(NEEDED))
