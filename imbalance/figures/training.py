"""Figures of the training: convergence, and the search over several networks."""

import math
import textwrap
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from imbalance.figures.drawing import (
    BASELINE,
    BLACK,
    BLUE,
    DOTTED,
    GREY,
    NARROW,
    RED,
    SOLID,
    canvas,
    headline,
    label,
    legend,
    looks,
    percent,
    within,
)


def convergence(table: pd.DataFrame, remark: str = "", narrow: bool = False) -> Figure:
    """Draw the accuracy on training batches and on the test set by iteration (Buda et al. 2018, Figure 8).

    In a `narrow` figure, the panels are below each other.
    """
    note = "mean and range of the replicates; batches as the method samples them"
    drawn = {"test_accuracy": "test set", "train_accuracy": "training batches"}
    return _curves(table, drawn, "Accuracy while training", "; ".join(filter(None, [note, remark])), narrow)


def minority_gap(table: pd.DataFrame, remark: str = "") -> Figure:
    """Draw the recall of the minority classes on their training images and on the test set by iteration."""
    note = "mean and range of the replicates; the training images are those before any sampling"
    drawn = {"minority_test_recall": "test set", "minority_train_recall": "training images"}
    title = "Recall of the minority classes while training"
    return _curves(table, drawn, title, "; ".join(filter(None, [note, remark])))


def _curves(
    table: pd.DataFrame, drawn: dict[str, str], title: str, note: str, narrow: bool = False
) -> Figure:
    """Draw two columns of the curves by iteration, given with their names, in a panel for each method."""
    methods = list(table["method"].unique())
    columns = 1 if narrow else min(len(methods), max(3, round(math.sqrt(len(methods)))))
    figure, grid = canvas(len(methods), columns, 2.2, 1.7, least=NARROW if narrow else 6.0)
    curves = (
        table[["method", "iteration", *drawn]].groupby(["method", "iteration"]).agg(["mean", "min", "max"])
    )
    first = next(iter(drawn))
    for axes, method in zip(grid, methods, strict=True):
        color, own = looks(methods)[method].color, curves.loc[method]
        for name, line in zip(drawn, (SOLID, DOTTED), strict=True):
            axes.plot(own.index, own[name, "mean"], color=color, linestyle=line, linewidth=1.2)
            axes.fill_between(
                own.index, own[name, "min"], own[name, "max"], color=color, alpha=0.2, linewidth=0
            )
        if method != BASELINE and BASELINE in methods:
            baseline = curves.loc[BASELINE][first, "mean"]
            axes.plot(baseline.index, baseline, color=GREY, linewidth=0.9, zorder=1)
        axes.yaxis.set_major_formatter(percent)
        axes.set_title(textwrap.fill(label(method), 30))
    grid[0].set_ylim(within(grid[0].get_ylim(), 0, 1))  # of all panels, which share the axis
    for axes in grid[-columns:]:
        axes.set_xlabel("iteration")
    lines: tuple[Any, ...] = (SOLID, DOTTED)
    keys = [(words, BLACK, line) for words, line in zip(drawn.values(), lines, strict=True)]
    if BASELINE in methods and len(methods) > 1:
        keys.append((f"baseline, {drawn[first]}", GREY, SOLID))
    for name, color, line in keys:
        grid[0].plot([], [], color=color, linestyle=line, label=name)
    headline(figure, title, note)
    legend(figure, grid[0])
    return figure


def search(trials: pd.DataFrame) -> Figure:
    """Draw the test AUC of every network that was tried, by base learning rate; diverged ones have none."""
    methods, rates = list(trials["method"].unique()), sorted(trials["base_lr"].unique())
    columns = min(len(methods), 4)
    figure, grid = canvas(len(methods), columns, max(1.6, 0.5 * len(rates)), 1.7)
    shown = {
        "trained": trials["state"] == "trained",
        "stuck": trials["state"] == "stuck",
        "kept": trials["kept"],
    }
    styles: dict[str, dict[str, Any]] = {
        "trained": {"s": 14, "color": BLUE, "alpha": 0.6, "linewidth": 0},
        "stuck": {"s": 20, "color": RED, "marker": "x"},
        "kept": {"s": 55, "facecolor": "none", "edgecolor": BLACK},
    }
    for axes, method in zip(grid, methods, strict=True):
        for name, rows in shown.items():
            some = trials[rows & (trials["method"] == method)]
            axes.scatter(some["base_lr"].map(rates.index), some["test_auc"], label=name, **styles[name])
        axes.set_xticks(range(len(rates)), [f"{rate:g}" for rate in rates], rotation=45)
        axes.set_xlim(-0.5, len(rates) - 0.5)
        axes.set_ylim(within(axes.get_ylim(), 0, 1))
        axes.set_title(textwrap.fill(label(method), 24))
    for axes in grid[-columns:]:
        axes.set_xlabel("base learning rate")
    for axes in grid[::columns]:
        axes.set_ylabel("ROC AUC, test set")
    headline(
        figure, "The networks that were tried", "all replicates; kept: one of each replicate, by the protocol"
    )
    legend(figure, grid[0])
    return figure
