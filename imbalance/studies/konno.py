"""Konno & Iwazume's comparison of pseudo-features (2018, Tables 1-4): their numbers, and ours beside them."""

import pandas as pd

from imbalance.studies.contrasts import Source, by_condition
from imbalance.studies.costs import BASELINE

MEASURES = {
    "accuracy": "accuracy",
    "g_mean": "geometric mean of the recalls",
    "minority_recall": "mean recall of the small classes",
    "worst_recall": "lowest recall of a class",
}
# In %: means of 45 episodes with ResNet-56 on CIFAR-10, by the number of small classes among ten.
METHODS = (BASELINE, "undersampling", "smote_features", "perturbed_features", "pseudo_features")
PUBLISHED = {
    "accuracy": {1: (80, 51, 80, 80, 81), 5: (64, 51, 65, 65, 69), 9: (51, 50, 51, 51, 54)},
    "g_mean": {1: (78, 49, 79, 79, 80), 5: (58, 49, 58, 58, 66), 9: (46, 49, 46, 46, 51)},
    "minority_recall": {1: (47, 50, 48, 48, 60), 5: (42, 51, 43, 43, 54), 9: (46, 51, 46, 46, 51)},
    "worst_recall": {1: (47, 31, 48, 48, 57), 5: (22, 29, 22, 22, 34), 9: (22, 31, 22, 22, 26)},
}
OTHERS = ("oversampling", "crt")  # which the paper does not have
CLASSES, RATIO = 10, 10


def whole(source: Source) -> Source:
    """Return the measures of networks that are trained for the study's own length, not for as many epochs."""
    return source.where(budget=source.measures["budget"].max())


def beside(source: Source) -> pd.DataFrame:
    """Return what each method changes of the baseline's measures, and what it does in the paper.

    The table has the columns measure, method, minority_classes, n, mean, low, high (the 95 % interval over
    the replicates), and published, which is empty for methods that the paper lacks.
    """
    rows, kept = [], whole(source)
    for measure, published in PUBLISHED.items():
        plain = kept.of(BASELINE, measure, "argmax")
        for method in (*METHODS[1:], *OTHERS):
            gain = by_condition(kept.of(method, measure, "argmax") - plain, ["mu"])
            for (mu,), value in gain.items():
                count = round(mu * CLASSES)
                theirs = dict(zip(METHODS, published[count], strict=True)) if count in published else {}
                known = (theirs[method] - theirs[BASELINE]) / 100 if method in theirs else None
                rows.append((measure, method, count, value.n, value.mean, value.low, value.high, known))
    columns = ["measure", "method", "minority_classes", "n", "mean", "low", "high", "published"]
    return pd.DataFrame(rows, columns=columns).astype({"published": "float64"})
