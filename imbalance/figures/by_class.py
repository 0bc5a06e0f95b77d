"""Figures of single classes, or of minority and majority: sizes, recalls, ROC curves, confusion matrices."""

import math
import textwrap
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure

from imbalance.figures.drawing import (
    BLACK,
    FEW_CLASSES,
    GREY,
    RED,
    canvas,
    color_bar,
    headline,
    heat_map,
    label,
    legend,
    looks,
    name_columns,
    percent,
    span,
    within,
)

FEW_CELLS = 5  # classes, at most, for which a confusion matrix has room for percentages
ROLES: dict[bool, dict[str, Any]] = {
    True: {"label": "minority", "color": RED, "hatch": "////"},
    False: {"label": "majority", "color": GREY},
}


def class_sizes(sizes: pd.DataFrame) -> Figure:
    """Draw the class sizes in the training set of one replicate (Buda et al. 2018, Figure 1)."""
    first, replicates = sizes["replicate"].min(), sizes["replicate"].nunique()
    shown = sizes[sizes["replicate"] == first].reset_index(drop=True)
    width = max(5.5, (0.4 if len(shown) <= FEW_CLASSES else 0.13) * len(shown))
    figure, (axes,) = canvas(1, 1, width, 2.4, below=shown["class"])
    for minority, bars in shown.groupby("minority"):
        drawn = axes.bar(bars.index, bars["images"], edgecolor="white", linewidth=0, **ROLES[bool(minority)])
        if len(shown) <= FEW_CLASSES:
            axes.bar_label(drawn, fmt="{:,.0f}", fontsize=7.5)
    name_columns(axes, list(shown["class"]), width)
    axes.set_xlim(-0.6, len(shown) - 0.4)
    axes.set_ylabel("training images")
    axes.yaxis.set_major_formatter("{x:,.0f}")
    differ = sizes.groupby("class")["images"].nunique().max() > 1
    redrawn = len({tuple(sorted(own)) for _, own in sizes.groupby("replicate")["images"]}) == 1
    permuted = "the others give these sizes to other classes" if redrawn else "the others' differ"
    others = permuted if differ else "the same in all"
    headline(figure, "Training images of each class", f"replicate {first} of {replicates}; {others}")
    legend(figure, axes)
    return figure


def recall(recalls: pd.DataFrame, left_out: str = "") -> Figure:
    """Draw the recall of each class as a minority and as a majority class; means over replicates."""
    methods, classes = list(recalls["method"].unique()), list(recalls["class"].unique())
    roles, few = recalls["minority"].nunique(), len(classes) <= FEW_CLASSES
    means = recalls.pivot_table(index=["minority", "rule", "method"], columns="class", values="recall")[
        classes
    ]
    colors = Normalize(means.min(axis=None), 1)
    panels = sorted(set(means.index.droplevel("method")), key=lambda panel: (not panel[0], panel[1]))
    columns, width = (
        (len(panels) // roles, max(3.0, 0.28 * len(classes))) if few else (1, 0.13 * len(classes))
    )
    height = 0.35 + 0.24 * len(methods)
    figure, grid = canvas(len(panels), columns, width, height, beside=methods, below=classes)
    for axes, (minority, rule) in zip(grid, panels, strict=True):
        shares = means.loc[minority, rule].reindex(methods).to_numpy()
        image = heat_map(axes, shares, colors, "Oranges_r", "auto")
        axes.set_facecolor("0.85")
        if few:
            for (row, column), share in np.ndenumerate(shares):
                text = "-" if np.isnan(share) else f"{100 * share:.0f}"
                color = "white" if colors(share) < 0.3 else BLACK
                axes.text(column, row, text, ha="center", va="center", fontsize=7, color=color)
        name_columns(axes, classes, width)
        axes.set_yticks(range(len(methods)), [label(method) for method in methods])
        axes.set_title(f"{ROLES[bool(minority)]['label'] if roles > 1 else 'all'} classes, {label(rule)}")
    color_bar(figure, grid, image)
    note = "mean over the replicates in which the class has the role (grey: there is none)"
    images = " to ".join(
        f"{n:,}" for n in sorted({recalls["test_images"].min(), recalls["test_images"].max()})
    )
    error = f"{images} test images a class, by which alone a network's recall is known to"
    error = f"{error} {span(100 * recalls['test_error'])} % points (95 %)"
    notes = [note if roles > 1 else "mean over replicates", error, left_out]
    headline(figure, "Recall of each class (%)", "; ".join(filter(None, notes)))
    return figure


def roc(curves: pd.DataFrame, left_out: str = "") -> Figure:
    """Draw one-vs-rest ROC curves from 1 / negatives on, means over the classes of a role and replicates."""
    methods, groups = list(curves["method"].unique()), sorted(curves["classes"].unique(), reverse=True)
    figure, grid = canvas(len(groups), len(groups), 3.2, 2.8)
    for axes, group in zip(grid, groups, strict=True):
        for method in methods:
            curve = curves[(curves["method"] == method) & (curves["classes"] == group) & (curves["fpr"] > 0)]
            color, marker, line = looks(methods)[method]
            axes.plot(
                curve["fpr"], curve["tpr"], color=color, linestyle=line, linewidth=1.2, label=label(method)
            )
            axes.lines[-1].set(marker=marker, markersize=3.5, markevery=0.12)
        axes.set_xscale("log")
        axes.set_xlim(curves.loc[curves["fpr"] > 0, "fpr"].min(), 1)
        axes.set_ylim(within(axes.get_ylim(), 0, 1))
        axes.set_xlabel("false positive rate (log scale)")
        axes.xaxis.set_major_formatter(percent)
        axes.yaxis.set_major_formatter(percent)
        alone = {"minority": "the minority class, against the other"}.get(
            group, "all classes (none is a minority)"
        )
        axes.set_title(f"{group} classes" if len(groups) > 1 else alone)
    grid[0].set_ylabel("true positive rate")
    note = "mean over classes and replicates, from the rate of one false positive on"
    headline(figure, "ROC curves, one-vs-rest", "; ".join(filter(None, [note, left_out])))
    legend(figure, grid[0])
    return figure


def confusion(shares: pd.DataFrame, left_out: str = "") -> Figure:
    """Draw the confusion matrices, means over replicates.

    For few classes, percentages are written in the cells; for more, log colours show rare errors, too.
    """
    panels, classes = list(shares.groupby(["method", "rule"], sort=False)), list(shares["actual"].unique())
    few = len(classes) <= FEW_CELLS
    columns = shares["rule"].nunique() * math.ceil(math.sqrt(shares["method"].nunique() / 3))
    edge = 1.75 if len(classes) <= 10 else 2.4
    colors = Normalize(0, 1) if few else LogNorm(1e-3, 1)
    figure, grid = canvas(len(panels), columns, edge, edge + 0.2, beside=classes, below=classes)
    for axes, ((method, rule), panel) in zip(grid, panels, strict=True):
        cells = panel.pivot_table(index="actual", columns="predicted", values="share").loc[classes, classes]
        image = heat_map(axes, cells.to_numpy(), colors, "Blues", "equal")
        if few:
            for (row, column), share in np.ndenumerate(cells.to_numpy()):
                text, color = f"{100 * share:.1f}", "white" if share > 0.6 else BLACK
                axes.text(column, row, text, ha="center", va="center", fontsize=7, color=color)
        some = range(0, len(classes), math.ceil(len(classes) / FEW_CLASSES))
        name_columns(axes, classes, edge, some)
        axes.set_yticks(some, [classes[index] for index in some])
        axes.tick_params(labelsize=7)
        axes.set_title(f"{textwrap.fill(label(method), 24)}\n{label(rule)}", fontsize=7.5)
    color_bar(figure, grid, image)
    scale = "in %" if few else "log scale"
    note = f"row: true class, column: decision; share of the class's images, mean over replicates ({scale})"
    headline(figure, "Confusion matrices", "; ".join(filter(None, [note, left_out])))
    return figure
