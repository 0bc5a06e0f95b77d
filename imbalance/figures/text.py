"""The results as text for a terminal."""

import pandas as pd

# The measures in the text, and their titles.
PRINTED = {
    "auc": "ROC AUC",
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "minority_recall": "minority recall",
}


def results(summary: pd.DataFrame) -> str:
    """Return a text table of all methods and rules: means and 95 % half-widths of `PRINTED`, in %."""
    mean = (100 * summary["mean"]).map("{:.2f}".format)
    half_width = (100 * (summary["high"] - summary["mean"])).map(" ± {:.2f}".format)
    cells = summary.assign(cell=mean + half_width.where(summary["low"].notna(), ""))
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
    return (
        f"Means and half-widths of 95 % intervals over the replicates, in %:\n{shown.to_string(index=False)}"
    )
