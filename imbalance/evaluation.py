"""All that is measured of a trained network, as long tables: one row a value, ready to stack and to plot."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance import metrics
from imbalance.decisions import Rule, log_odds, scores
from imbalance.subsets import Subset, minority_classes


def evaluate_network(
    logits: NDArray[np.floating],
    labels: NDArray[np.integer],
    classes: tuple[str, ...],
    subset: Subset,
    rules: Sequence[Rule] = ("argmax", "prior"),
    tau: float = 1,
) -> dict[str, pd.DataFrame]:
    """Tables of one network by its test `logits` (N, C), `labels` (N,), and the subset it was trained on.

    The decisions are those of the `rules`; `tau` is that of the rule "logit_adjustment".

    replicates: rule, measure, value; rule "any" marks measures that no rule changes.
    recall: rule, class, images (in training), minority, recall; and what no rule changes, auc and
    average_precision.
    confusion: rule, actual, predicted, share (of the images of the actual class).
    roc: classes (minority or majority), fpr, tpr (one-vs-rest, mean of those classes).
    """
    minority = minority_classes(subset.sizes)
    ranking = log_odds(logits)
    ranked = metrics.class_rankings(ranking, labels)
    measured = [("any", name, value) for name, value in metrics.ranking_measures(ranked, minority).items()]
    recalls, confusions = [], []
    for rule in rules:
        scored = scores(rule, logits, subset.sizes, tau)
        values = metrics.decision_measures(scored, labels, minority)
        measured += [(rule, name, value) for name, value in values.items()]
        shares = metrics.confusion(scored.argmax(axis=1), labels, len(classes))
        by_class = {"images": subset.sizes, "minority": minority, "recall": np.diag(shares)} | ranked
        recalls.append(pd.DataFrame({"rule": rule, "class": classes} | by_class))
        pairs = {"actual": np.repeat(classes, len(classes)), "predicted": np.tile(classes, len(classes))}
        confusions.append(pd.DataFrame({"rule": rule} | pairs | {"share": shares.ravel()}))
    curves = [
        pd.DataFrame(
            {"classes": group, "fpr": metrics.ROC_GRID, "tpr": metrics.mean_roc(ranking, labels, members)}
        )
        for group, members in (("minority", minority), ("majority", ~minority))
        if members.any()
    ]
    return {
        "replicates": pd.DataFrame(measured, columns=["rule", "measure", "value"]),
        "recall": pd.concat(recalls),
        "confusion": pd.concat(confusions),
        "roc": pd.concat(curves),
    }
