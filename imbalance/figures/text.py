"""The results as text for a terminal."""

import pandas as pd

# The measures in the text, and their titles; the last are of two classes only.
PRINTED = {
    "auc": "ROC AUC",
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "minority_recall": "minority recall",
    "sensitivity_at_specificity": "sensitivity at specificity",
    "sensitivity": "sensitivity",
    "specificity": "specificity",
    "positive_predictive_value": "PPV",
}


def results(summary: pd.DataFrame) -> str:
    """Return a text table of all methods and rules: means and 95 % intervals of `PRINTED`, in %.

    An interval is given by its half-width, or by its ends where it is cut.
    """
    mean, low, high = (100 * summary[name] for name in ("mean", "low", "high"))
    whole = (high - mean).map(" ± {:.2f}".format)
    ends = low.map(" ({:.2f}".format) + high.map(" to {:.2f}, cut)".format)
    intervals = whole.where(summary["cut"] == "none", ends).where(low.notna(), "")
    cells = summary.assign(cell=mean.map("{:.2f}".format) + intervals)
    of_no_rule, of_rules = (
        cells[chosen].pivot_table(index=index, columns="measure", values="cell", aggfunc="first")
        for chosen, index in (
            (cells["rule"] == "any", ["method"]),
            (cells["rule"] != "any", ["method", "rule"]),
        )
    )
    in_order = cells.loc[cells["rule"] != "any", ["method", "rule"]].drop_duplicates()
    table = in_order.join(of_no_rule, on="method").join(of_rules, on=["method", "rule"])
    columns = {"method": "method", "rule": "decision rule"} | PRINTED
    shown = table[[name for name in columns if name in table]].rename(columns=columns).fillna("")
    covered = summary["interval"].iloc[0]
    return f"Means in %, with 95 % intervals ({covered}):\n{shown.to_string(index=False)}"
