"""The optimism of a search that selects networks on the test set, as Buda et al. (2018) did."""

from dataclasses import fields

import pandas as pd

from imbalance.training.search import Trial, best


def selections(trials: pd.DataFrame) -> pd.DataFrame:
    """Return the test AUCs of the networks selected on held-out data and on the test set, and the difference.

    The table `trials` has columns method, replicate and those of `Trial`. The result has one row for every
    replicate of which several networks were tried, unless all of them are stuck or diverged. The difference,
    `optimism`, is what selection on the test set adds to the AUC.
    """
    rows = []
    for (method, replicate), tried in trials.groupby(["method", "replicate"], sort=False):
        learned = (tried["state"] == "trained").any()
        each = [Trial(*row) for row in tried[[field.name for field in fields(Trial)]].itertuples(index=False)]
        if len(each) > 1 and learned and not tried["validation_auc"].isna().all():
            clean, paper = (each[best(each, protocol)].test_auc for protocol in ("clean", "paper"))
            row = {"auc_by_validation": clean, "auc_by_test": paper, "optimism": paper - clean}
            rows.append({"method": method, "replicate": replicate} | row)
    return pd.DataFrame(rows, columns=["method", "replicate", "auc_by_validation", "auc_by_test", "optimism"])
