"""Measures of a network that claims need and a run does not have: of its curves, recalls, and search.

Each function returns columns method, replicate, rule, measure, value, one row for each network and measure.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

NETWORK = ["method", "replicate"]
COLUMNS = [*NETWORK, "rule", "measure", "value"]
SETTLED = 0.01  # accuracy within which a curve has settled at its end
TENTH = 0.1  # of the schedule


def of_curves(convergence: pd.DataFrame) -> pd.DataFrame:
    """Return the measures of the curves over the iterations of training.

    gap: training minus test accuracy at the end, where the training accuracy is that of the batches, as
    resampled; gap_growth: its least-squares slope over the second half of training, per tenth of it all.
    minority_gap: training minus test recall of the minority classes at the end; balanced_gap: the same, half
    minority and half majority. minority_fall: what their test recall has lost since its peak.
    minority_recall_at_start: their test recall at the first point of the curve; minority_rise: what it has
    gained at the end. settling: the share of the schedule after which the test accuracy stays within a point
    of its end. unrest: its standard deviation over the last third. learning: the mean over the schedule of
    the training recall, half minority and half majority (without minority classes, of the training accuracy):
    the area under the curve of learning, larger if that is faster.
    """
    rows = []
    for network, curve in convergence.groupby(NETWORK, sort=False):
        progress = (curve["iteration"] / curve["iteration"].max()).to_numpy()
        rows += [(*network, "any", measure, value) for measure, value in _of_curve(curve, progress)]
    return pd.DataFrame(rows, columns=COLUMNS).dropna()


def _of_curve(curve: pd.DataFrame, progress: np.ndarray) -> Iterator[tuple[str, float]]:
    """Yield the measures of one network's curve by name; `progress` is the share of the schedule."""
    test = curve["test_accuracy"].to_numpy()
    gap = curve["train_accuracy"].to_numpy() - test
    recall = curve[["minority_train_recall", "majority_train_recall"]].mean(axis=1)
    half, third = progress >= 0.5, progress > 2 / 3
    gaps = {
        role: (curve[f"{role}_train_recall"] - curve[f"{role}_test_recall"]).iloc[-1]
        for role in ("minority", "majority")
    }
    minority = curve["minority_test_recall"]
    away = np.flatnonzero(np.abs(test - test[-1]) > SETTLED)
    yield "gap", gap[-1]
    if half.sum() > 2:
        yield "gap_growth", TENTH * np.polyfit(progress[half], gap[half], 1)[0]
    if third.sum() > 1:
        yield "unrest", np.std(test[third], ddof=1)
    yield "settling", progress[away[-1] + 1] if len(away) else progress[0]
    yield "learning", recall.fillna(curve["train_accuracy"]).mean()
    yield "minority_gap", gaps["minority"]
    yield "balanced_gap", (gaps["minority"] + gaps["majority"]) / 2
    yield "minority_fall", minority.max() - minority.iloc[-1]
    yield "minority_recall_at_start", minority.iloc[0]
    yield "minority_rise", minority.iloc[-1] - minority.iloc[0]


def of_recalls(recall: pd.DataFrame) -> pd.DataFrame:
    """Return prior_weighted_accuracy: the recalls weighted by the classes' numbers of training images.

    It is the accuracy on test images as imbalanced as those of training.
    """
    weighted = recall.assign(value=recall["recall"] * recall["images"])
    sums = weighted.groupby([*NETWORK, "rule"], sort=False)[["value", "images"]].sum()
    table = (sums["value"] / sums["images"]).rename("value").reset_index()
    return table.assign(measure="prior_weighted_accuracy")[COLUMNS]


def of_trials(trials: pd.DataFrame) -> pd.DataFrame:
    """Return stuck, 1 for a stuck network, else 0, and log_base_lr, log10 of the rate that it kept."""
    kept = trials[trials["kept"]]
    stuck = kept.assign(measure="stuck", value=(kept["state"] == "stuck").astype(float))
    rates = kept.assign(measure="log_base_lr", value=np.log10(kept["base_lr"]))
    return pd.concat([stuck, rates]).assign(rule="any")[COLUMNS]
