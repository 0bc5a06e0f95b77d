"""The figure of how much results vary between replicates, by source."""

import pandas as pd
from matplotlib.figure import Figure

from imbalance.figures.drawing import (
    NARROW,
    canvas,
    headline,
    interval,
    label,
    lane,
    legend,
    looks,
    name_rows,
    percentage_points,
)
from imbalance.figures.study import TITLES

NAMES = {
    "classes": "which classes are small",
    "images": "which images are drawn",
    "weights": "initial weights",
    "rest": "the rest (order of batches)",
    "all": "all together",
}


def by_source(table: pd.DataFrame, narrow: bool = False) -> Figure:
    """Draw the standard deviation that each source would cause alone, a panel a measure, with 95 % intervals.

    `table` is that of imbalance/studies/variance.py.
    """
    panels = list(table[["measure", "rule"]].drop_duplicates().itertuples(index=False, name=None))
    methods, sources = list(table["method"].unique()), list(NAMES)
    columns, least = (1, NARROW) if narrow else (len(panels), 6.0)
    names = list(NAMES.values())
    figure, grid = canvas(len(panels), columns, 2.2, 2.1, beside=names, sharex=False, least=least)
    styles = looks(["baseline", *methods])
    for axes, (measure, rule) in zip(grid, panels, strict=True):
        rows = table[(table["measure"] == measure) & (table["rule"] == rule)]
        for row in rows.to_dict("records"):
            method = str(row["method"])
            y = sources.index(row["source"]) + lane(method, methods)
            interval(axes, row | {"rule": "any", "cut": "none"}, row["std"], y, styles[method])
        axes.set_xlim(left=0)
        axes.xaxis.set_major_formatter(percentage_points)
        axes.set_title(TITLES[measure] + ("" if rule == "any" else f", {label(rule)}"))
        name_rows(axes, names)
    for method in methods:
        look = styles[method]
        grid[0].plot([], [], color=look.color, marker=look.marker, markersize=5, label=label(method))
    classes, images, weights = draws(table)
    headline(
        figure,
        "How much a result varies between replicates, by source (% points)",
        f"the standard deviation that each source would cause alone, and its 95 % interval; {classes} draws "
        f"of the small classes, {images} of images for each, {weights} of initial weights; the rest is also "
        "what weights do on some subsets only",
    )
    legend(figure, grid[0])
    return figure


def draws(table: pd.DataFrame) -> tuple[int, int, int]:
    """Return how many draws there are of classes, of images for each, and of weights."""
    freedom = table.drop_duplicates("source").set_index("source")["freedom"]
    classes = int(freedom["classes"]) + 1
    return classes, int(freedom["images"]) // classes + 1, int(freedom["weights"]) + 1
