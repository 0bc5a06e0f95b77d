"""Stage `plot`, the last stage of a run: draw the figures, and print the results."""

from pathlib import Path

import matplotlib.style
import pandas as pd
from matplotlib.figure import Figure

from imbalance.data import tables
from imbalance.disk import replacing
from imbalance.errors import InputError
from imbalance.evaluation import schemas
from imbalance.figures.drawing import STYLE
from imbalance.figures.run import draw
from imbalance.figures.text import results
from stages import paths, run

TABLES = {paths.CLASS_SIZES: schemas.CLASS_SIZES} | {
    paths.TABLES / f"{name}.csv": schema for name, schema in schemas.TABLES.items()
}
OF_TWO_CLASSES = {paths.TWO_CLASSES / f"{name}.csv": schema for name, schema in schemas.TWO_CLASSES.items()}
MAY_BE_EMPTY = paths.TABLES / "comparisons.csv"  # empty for the baseline alone under one rule


def main() -> None:
    """plots/class_sizes.csv, plots/tables -> plots/figures/<name>.png, plots/svg/<name>.svg.

    And data/two_classes, if it is not empty: of more classes, there are no such tables.
    """
    of_two_classes = OF_TWO_CLASSES if any(file.exists() for file in OF_TWO_CLASSES) else {}
    found = {file.stem: read(file) for file in (*TABLES, *of_two_classes)}
    # Starting from the defaults, so that a user's matplotlibrc does not change the bytes.
    with matplotlib.style.context(["default", STYLE]):
        for name, figure in draw(found).items():
            save(figure, name)
    places = f"Figures: {paths.FIGURES}/*.png. Tables: {paths.TABLES}/*.csv."
    print(results(found["summary"]), places, sep="\n\n")


def read(file: Path) -> pd.DataFrame:
    """Read one of the tables; raises `InputError` if it cannot be read, or is empty and should not be."""
    table = tables.read(file, (TABLES | OF_TWO_CLASSES)[file])
    if table.empty and file != MAY_BE_EMPTY:
        raise InputError(f"{file} has no rows; delete it and run `dvc repro`.")
    return table


def save(figure: Figure, name: str) -> None:
    """Write a figure as PNG and SVG, without the date and the version that would change its bytes."""
    with replacing(paths.FIGURES / f"{name}.png") as part:
        figure.savefig(part, dpi=150, metadata={"Software": None})
    with replacing(paths.SVG / f"{name}.svg") as part:
        figure.savefig(part, metadata={"Date": None})


if __name__ == "__main__":
    run(main)
