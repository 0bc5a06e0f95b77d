"""Figures of two classes: ROC and precision-recall curves with working points, and reliability."""

import textwrap

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from imbalance.figures.drawing import (
    BLACK,
    GREY,
    canvas,
    fill,
    headline,
    label,
    legend,
    looks,
    percent,
)

Point = tuple[str, str]  # the columns of working points that are drawn as x and y


def operating(points: pd.DataFrame, curves: pd.DataFrame, left_out: str = "") -> Figure:
    """Draw the ROC and precision-recall curves of each method, and where each decision rule stands on them.

    Curves and points are means over replicates, so that a point may lie beside its curve.
    """
    methods, rules = list(curves["method"].unique()), list(points["rule"].unique())
    points = points.assign(false_alarms=1 - points["specificity"])
    figure, grid = canvas(2, 2, 3.4, 3.2, sharex=False)
    panels: dict[str, tuple[str, Point, Point]] = {
        "roc": (
            "ROC",
            ("false_alarms", "sensitivity"),
            ("false positive rate (1 - specificity)", "true positive rate (sensitivity)"),
        ),
        "precision_recall": (
            "Precision and recall",
            ("sensitivity", "positive_predictive_value"),
            ("recall (sensitivity)", "precision (positive predictive value)"),
        ),
    }
    for axes, (curve, (title, columns, names)) in zip(grid, panels.items(), strict=True):
        of_panel = curves[curves["curve"] == curve]
        for method in methods:
            color, _, line = looks(methods)[method]
            drawn = of_panel[of_panel["method"] == method]
            axes.plot(drawn["x"], drawn["y"], color=color, linestyle=line, linewidth=1.2)
        _points(axes, points, methods, columns)
        _frame(axes, *names)
        axes.set_title(title)
    for method in methods:
        color, marker, line = looks(methods)[method]
        grid[0].plot([], [], color=color, linestyle=line, marker=marker, label=label(method))
    for rule in rules:
        (key,) = grid[0].plot([], [], color=BLACK, linestyle="", marker="o", label=label(rule))
        fill(key, rule)
    note = (
        "means over replicates; a marker is the working point of a decision rule; precision is that at the "
        "prevalence where the networks will be used, if it is stated"
    )
    headline(figure, "Two classes: curves and working points", "; ".join(filter(None, [note, left_out])))
    legend(figure, grid[0])
    return figure


def reliability(bins: pd.DataFrame, left_out: str = "") -> Figure:
    """Draw the share of positives over the probability of the positive class, by method and decision rule."""
    methods, rules = list(bins["method"].unique()), list(bins["rule"].unique())
    figure, grid = canvas(len(methods) * len(rules), len(rules), 1.9, 1.7)
    panels = [(method, rule) for method in methods for rule in rules]
    for axes, (method, rule) in zip(grid, panels, strict=True):
        rows = bins[(bins["method"] == method) & (bins["rule"] == rule)]
        color, marker, _ = looks(methods)[method]
        axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle=":", zorder=0)
        errors = [rows["share"] - rows["low"], rows["high"] - rows["share"]]
        axes.errorbar(
            rows["probability"],
            rows["share"],
            yerr=[each.clip(lower=0) for each in errors],
            color=color,
            marker=marker,
            markersize=3.5,
            linestyle="",
            elinewidth=0.9,
            clip_on=False,
        )
        _frame(axes, "", "")
        axes.set_title(f"{textwrap.fill(label(method), 24)}\n{label(rule)}", fontsize=7.5)
    figure.supxlabel("probability of the positive class", fontsize=8.5)
    figure.supylabel("share of positives", fontsize=8.5)
    note = (
        "test images in 15 bins of probability, of all replicates; bars: 95 % intervals by the test images; "
        "on the dotted line, probabilities are right"
    )
    headline(figure, "Reliability of the probabilities", "; ".join(filter(None, [note, left_out])))
    return figure


def _points(axes: Axes, points: pd.DataFrame, methods: list[str], columns: Point) -> None:
    """Draw the mean working points of all methods and rules."""
    means = points.groupby(["method", "rule"], sort=False)[list(columns)].mean()
    for (method, rule), (x, y) in means.iterrows():
        color, marker, _ = looks(methods)[method]
        (drawn,) = axes.plot(
            x, y, color=color, marker=marker, markersize=6, linestyle="", clip_on=False, zorder=3
        )
        fill(drawn, rule)


def _frame(axes: Axes, x: str, y: str) -> None:
    """Let both axes extend from 0 to 1, in per cent."""
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.xaxis.set_major_formatter(percent)
    axes.yaxis.set_major_formatter(percent)
