"""Draw the figures, and print what came out: the last stage of a run."""

from pathlib import Path

import matplotlib.style
import pandas as pd
from matplotlib.figure import Figure

from imbalance.disk import replacing
from imbalance.errors import InputError
from imbalance.figures import run as figures
from imbalance.figures.drawing import STYLE
from stages import run

# Every table, and the columns that it has.
TABLES = {
    Path("plots/class_sizes.csv"): "replicate class images minority",
    Path("plots/tables/summary.csv"): (
        "method rule measure n mean std low high cut test_error interval leads"
    ),
    Path("plots/tables/replicates.csv"): "method replicate rule measure value",
    Path("plots/tables/comparisons.csv"): (
        "method rule measure n difference low high cut p p_holm test_error interval leads"
    ),
    Path("plots/tables/recall.csv"): (
        "method replicate rule class images test_images minority recall test_error auc average_precision"
    ),
    Path("plots/tables/roc.csv"): "method classes fpr tpr",
    Path("plots/tables/confusion.csv"): "method rule actual predicted share",
    Path("plots/tables/convergence.csv"): "method replicate iteration train_accuracy test_accuracy",
    Path("plots/tables/trials.csv"): "method replicate base_lr draw state validation_auc test_auc kept",
}
# The types of columns; all others are floats.
TYPES = (
    dict.fromkeys(("method", "rule", "measure", "class", "actual", "predicted", "classes", "state"), "str")
    | dict.fromkeys(("cut", "interval"), "str")
    | dict.fromkeys(("replicate", "images", "test_images", "n", "iteration", "draw"), "int64")
    | {"minority": "bool", "kept": "bool", "leads": "bool"}
)
MAY_BE_EMPTY = Path("plots/tables/comparisons.csv")  # the baseline alone, under one rule
PNG = Path("plots/figures")
SVG = Path("plots/svg")
# The measures that are printed at the end of a run, and their titles.
PRINTED = {
    "auc": "ROC AUC",
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "minority_recall": "minority recall",
}


def main() -> None:
    """plots/class_sizes.csv, plots/tables -> plots/figures/<name>.png, plots/svg/<name>.svg."""
    tables = {file.stem: read(file) for file in TABLES}
    # From the defaults, so that no matplotlibrc of the user's changes the bytes.
    with matplotlib.style.context(["default", STYLE]):
        for name, figure in draw(tables).items():
            save(figure, name)
    print(results(tables["summary"]), f"Figures: {PNG}/*.png. Tables: plots/tables/*.csv.", sep="\n\n")


def results(summary: pd.DataFrame) -> str:
    """A text table of every method under every decision rule: mean and 95 % half-width of `PRINTED`, in %."""
    mean = (100 * summary["mean"]).map("{:.2f}".format)
    half_width = (100 * (summary["high"] - summary["mean"])).map(" ± {:.2f}".format)
    cells = summary.assign(cell=mean + half_width.where(summary["n"] > 1, ""))
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


def draw(tables: dict[str, pd.DataFrame]) -> dict[str, Figure]:
    """Every figure by its name; that of the search only where there was one.

    "accuracy" shows balanced accuracy where that leads (`imbalance.evaluation.testset.leading`).
    """
    summary, replicates, trials = tables["summary"], tables["replicates"], tables["trials"]
    stuck = figures.left_out(trials)
    balanced = "balanced_accuracy" in set(summary.loc[summary["leads"], "measure"])
    leading, title = (
        (
            "balanced_accuracy",
            "Balanced accuracy: the mean recall of the classes, whose test sets are unequal",
        )
        if balanced
        else ("accuracy", "Accuracy on the test set")
    )
    auc = "ROC AUC, one-vs-rest, mean over classes"
    plain = "plain accuracy, of test classes of unequal size" if balanced else ""
    drawn = {
        "class_sizes": figures.class_sizes(tables["class_sizes"]),
        "auc": figures.measure(summary, replicates, "auc", auc, stuck),
        "accuracy": figures.measure(summary, replicates, leading, title, stuck),
        "differences": figures.differences(tables["comparisons"], stuck),
        "recall": figures.recall(tables["recall"], stuck),
        "roc": figures.roc(tables["roc"], stuck),
        "confusion": figures.confusion(tables["confusion"], stuck),
        "convergence": figures.convergence(tables["convergence"], "; ".join(filter(None, [plain, stuck]))),
    }
    searched = trials.duplicated(["method", "replicate"]).any()
    return drawn | ({"search": figures.search(trials)} if searched else {})


def save(figure: Figure, name: str) -> None:
    """Write a figure as PNG and SVG, without the date and the version that would change its bytes."""
    with replacing(PNG / f"{name}.png") as part:
        figure.savefig(part, dpi=150, metadata={"Software": None})
    with replacing(SVG / f"{name}.svg") as part:
        figure.savefig(part, metadata={"Date": None})


def read(file: Path) -> pd.DataFrame:
    """Read a table; the names of classes and methods stay text, whatever they are ("0", "None", "NA")."""
    types = {name: TYPES.get(name, "float64") for name in TABLES[file].split()}
    try:
        table = pd.read_csv(file, usecols=list(types), dtype=types, keep_default_na=False, na_values=[""])
    except (OSError, ValueError) as error:
        raise InputError(f"{file} cannot be read ({error}); run `dvc repro`.") from error
    if table.empty and file != MAY_BE_EMPTY:
        raise InputError(f"{file} has no rows; run `dvc repro`.")
    return table


if __name__ == "__main__":
    run(main)
