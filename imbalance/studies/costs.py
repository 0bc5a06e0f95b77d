"""What imbalance costs the baseline: its measures, minus those of its twin on a balanced training set."""

from collections.abc import Sequence

import pandas as pd

from imbalance.studies.contrasts import Source, by_replicate, effect

BASELINE = "baseline"


def by_ratio(source: Source, mu: float, columns: Sequence[tuple[str, str]]) -> pd.DataFrame:
    """Return the costs in measures under a rule (`columns`), by imbalance ratio, at one `mu`.

    The table has the columns measure, rule, rho, n, mean, low, high: the 95 % interval over the replicates,
    paired with the twin's, which have the same initial weights and batches.
    """
    rows = []
    for measure, rule in columns:
        twin = by_replicate(source.where(rho=1).of(BASELINE, measure, rule))
        of_all = source.where(mu=mu).of(BASELINE, measure, rule)
        for rho in sorted(set(of_all.index.unique("rho")) - {1}):
            cost = effect(by_replicate(of_all.xs(rho, level="rho")) - twin)
            rows.append((measure, rule, rho, cost.n, cost.mean, cost.low, cost.high))
    return pd.DataFrame(rows, columns=["measure", "rule", "rho", "n", "mean", "low", "high"])
