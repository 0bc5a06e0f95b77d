"""The figures of a run: matplotlib figures, drawn from its tables.

A method looks the same in every figure (`imbalance.figures.drawing`).
"""

import pandas as pd
from matplotlib.figure import Figure

from imbalance.figures import by_class, comparing, training, two_classes
from imbalance.figures.drawing import label

# The titles of the figure "accuracy", by the leading measure, which is one of two.
TITLES = {
    "accuracy": "Accuracy on the test set",
    "balanced_accuracy": "Balanced accuracy: the mean recall of the classes, whose test sets are unequal",
}


def draw(tables: dict[str, pd.DataFrame]) -> dict[str, Figure]:
    """Draw all figures, and return them by name; "search" only if there was a search.

    "operating" and "reliability" are of two classes only (`imbalance.evaluation.schemas.TWO_CLASSES`).
    "accuracy" shows balanced accuracy if that is a leading measure (`imbalance.evaluation.testset.leading`).
    """
    summary, replicates, trials = tables["summary"], tables["replicates"], tables["trials"]
    stuck = left_out(trials)
    (leading,) = set(summary.loc[summary["leads"], "measure"]) & TITLES.keys()
    auc = "ROC AUC, one-vs-rest, mean over classes"
    plain = "plain accuracy, of test classes of unequal size" if leading == "balanced_accuracy" else ""
    drawn = {
        "class_sizes": by_class.class_sizes(tables["class_sizes"]),
        "auc": comparing.measure(summary, replicates, "auc", auc, stuck),
        "accuracy": comparing.measure(summary, replicates, leading, TITLES[leading], stuck),
        "differences": comparing.differences(tables["comparisons"], stuck),
        "recall": by_class.recall(tables["recall"], stuck),
        "roc": by_class.roc(tables["roc"], stuck),
        "confusion": by_class.confusion(tables["confusion"], stuck),
        "convergence": training.convergence(tables["convergence"], "; ".join(filter(None, [plain, stuck]))),
    }
    if "curves" in tables:
        drawn |= {
            "operating": two_classes.operating(tables["working_points"], tables["curves"], stuck),
            "reliability": two_classes.reliability(tables["reliability"], stuck),
        }
    searched = trials.duplicated(["method", "replicate"]).any()
    return drawn | ({"search": training.search(trials)} if searched else {})


def left_out(trials: pd.DataFrame) -> str:
    """Return a note on how many networks of which methods are left out, as they are stuck; "" if none is."""
    kept = trials[trials["kept"]]
    stuck = kept.groupby("method", sort=False)["state"].agg(lambda states: (states == "stuck").sum())
    replicates = kept["replicate"].nunique()
    counts = [f"{label(method)} {n} of {replicates}" for method, n in stuck.items() if n]
    more = f" and {len(counts) - 4} methods more" if len(counts) > 4 else ""
    return f"stuck networks are left out ({', '.join(counts[:4])}{more})" if counts else ""
