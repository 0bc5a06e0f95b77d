"""What imbalance costs the baseline: its measures, minus those of its twin on a balanced training set."""

from collections.abc import Sequence

import pandas as pd

from imbalance.studies.contrasts import Effect, Source, by_condition, by_replicate
from imbalance.studies.words import imbalanced

BASELINE, WHERE = "baseline", ["rho", "mu"]


def costs(source: Source, measure: str, rule: str) -> dict[tuple[float, ...], Effect]:
    """Return what imbalance changes of a measure under a rule, at each condition (rho, mu)."""
    return by_condition(changes(source, measure, rule), WHERE)


def changes(source: Source, measure: str, rule: str) -> pd.Series:
    """Return what imbalance changes of a measure under a rule, by condition and replicate.

    Replicates are paired with the twin's, which have the same initial weights and batches.
    """
    twin = by_replicate(source.where(rho=1).of(BASELINE, measure, rule))
    values = imbalanced(source).of(BASELINE, measure, rule)
    return values - twin.reindex(values.index, level="replicate")


def by_ratio(source: Source, mu: float, columns: Sequence[tuple[str, str]]) -> pd.DataFrame:
    """Return the costs in measures under a rule (`columns`), by imbalance ratio, at one `mu`.

    The table has the columns measure, rule, rho, n, mean, low, high: the 95 % interval over the replicates.
    """
    rows = [
        (measure, rule, condition[0], cost.n, cost.mean, cost.low, cost.high)
        for measure, rule in columns
        for condition, cost in costs(source, measure, rule).items()
        if condition[1] == mu
    ]
    return pd.DataFrame(rows, columns=["measure", "rule", "rho", "n", "mean", "low", "high"])
