"""How methods rank at one condition, and which of them differ: all pairs, paired by replicate.

Differences that remain after Holm's correction for all pairs are called significant. It is a description of
these replicates: a pair that does not differ significantly is not therefore equal.
"""

import pandas as pd

from imbalance.evaluation.statistics import compare, holm

RANKED = "balanced_accuracy"  # the measure by which methods are ranked
ALPHA = 0.05
COLUMNS = ["method", "other", "n", "difference", "low", "high", "cut", "p", "p_holm"]


def pairs(replicates: pd.DataFrame, measure: str, rule: str, overlap: float = 0.0) -> pd.DataFrame:
    """Return the difference of each pair of methods in a measure, the method's minus the other's.

    `replicates` has columns method, rule, measure, replicate, value. `p` is the paired t-test's, and `p_holm`
    is corrected for the number of pairs; intervals are not. `overlap` is that of repeated splits.
    """
    chosen = replicates[(replicates["measure"] == measure) & (replicates["rule"] == rule)]
    methods = list(chosen["method"].unique())
    parts = [
        compare(chosen[chosen["method"].isin(methods[index:])], (other, rule), overlap).assign(other=other)
        for index, other in enumerate(methods)
    ]
    table = pd.concat(parts, ignore_index=True)
    return table.assign(p_holm=holm(table["p"].to_numpy()))[COLUMNS]


def ranking(replicates: pd.DataFrame, measure: str, rule: str, of_pairs: pd.DataFrame) -> pd.DataFrame:
    """Return the methods, the best first, by their mean rank.

    `rank` is the mean over the replicates of a method's rank among all, 1 for the best; equal values share
    their mean rank. `better_than` and `worse_than` count the methods from which it differs significantly.
    """
    chosen = replicates[(replicates["measure"] == measure) & (replicates["rule"] == rule)]
    ranks = chosen.groupby("replicate")["value"].rank(ascending=False)
    rows = chosen.assign(rank=ranks).groupby("method", sort=False)
    table = rows.agg(n=("value", "size"), mean=("value", "mean"), rank=("rank", "mean"))
    significant = of_pairs[of_pairs["p_holm"] < ALPHA]
    wins = significant["difference"] > 0
    better = significant["method"].where(wins, significant["other"])
    worse = significant["other"].where(wins, significant["method"])
    for name, side in {"better_than": better, "worse_than": worse}.items():
        table[name] = side.value_counts().reindex(table.index, fill_value=0)
    return table.reset_index().sort_values(["rank", "mean"], ascending=[True, False], kind="stable")
