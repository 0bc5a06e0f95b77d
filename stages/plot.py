"""Draw the figures."""

from pathlib import Path

import matplotlib.style
import pandas as pd
from matplotlib.figure import Figure

from imbalance import figures
from imbalance.drawing import STYLE
from imbalance.errors import InputError
from stages import run

TABLES = [
    Path("plots/class_sizes.csv"),
    *(
        Path(f"plots/tables/{name}.csv")
        for name in ("summary", "replicates", "comparisons", "recall", "roc", "confusion", "convergence")
    ),
]
PNG = Path("plots/figures")
SVG = Path("plots/svg")


def main() -> None:
    """plots/class_sizes.csv, plots/tables -> plots/figures/<name>.png, plots/svg/<name>.svg."""
    tables = {file.stem: read(file) for file in TABLES}
    # From the defaults, so that no matplotlibrc of the user's changes the bytes.
    with matplotlib.style.context(["default", STYLE]):
        for name, figure in draw(tables).items():
            save(figure, name)


def draw(tables: dict[str, pd.DataFrame]) -> dict[str, Figure]:
    """Every figure by its name."""
    summary, replicates = tables["summary"], tables["replicates"]
    return {
        "class_sizes": figures.class_sizes(tables["class_sizes"]),
        "auc": figures.measure(summary, replicates, "auc", "ROC AUC, one-vs-rest, mean over classes"),
        "accuracy": figures.measure(summary, replicates, "accuracy", "Accuracy on the test set"),
        "differences": figures.differences(tables["comparisons"]),
        "recall": figures.recall(tables["recall"]),
        "roc": figures.roc(tables["roc"]),
        "confusion": figures.confusion(tables["confusion"]),
        "convergence": figures.convergence(tables["convergence"]),
    }


def save(figure: Figure, name: str) -> None:
    """Write a figure as PNG and SVG, without the date and the version that would change its bytes."""
    PNG.mkdir(parents=True, exist_ok=True)
    SVG.mkdir(parents=True, exist_ok=True)
    figure.savefig(PNG / f"{name}.png", dpi=150, metadata={"Software": None})
    figure.savefig(SVG / f"{name}.svg", metadata={"Date": None})


def read(file: Path) -> pd.DataFrame:
    """Read a table; the names of classes and methods stay text, whatever they are ("0", "None", "NA")."""
    names = dict.fromkeys(("method", "rule", "measure", "class", "actual", "predicted"), "str")
    try:
        return pd.read_csv(file, dtype=names, keep_default_na=False, na_values=[""])
    except (OSError, ValueError) as error:
        raise InputError(f"{file} cannot be read ({error}); run `dvc repro`.") from error


if __name__ == "__main__":
    run(main)
