"""The figures of a run: tables in, matplotlib figures out.

A method has the same colour, marker and line style in every figure. The colours (Okabe & Ito 2008) can be
told apart by colour-blind readers too, and nothing rests on colour alone. Draw and save under `STYLE`.
"""

import math
import textwrap
from collections.abc import Iterable, Sequence
from itertools import cycle
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, PercentFormatter

STYLE: dict[str, Any] = {
    "axes.formatter.useoffset": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 8.5,
    "figure.titlesize": 9.5,
    "font.size": 8.5,
    "legend.frameon": False,
    "svg.hashsalt": "imbalance",
}
BLACK, ORANGE, SKY, GREEN, BLUE, RED, PURPLE = (
    "#000000 #E69F00 #56B4E9 #009E73 #0072B2 #D55E00 #CC79A7".split()
)
GREY = "0.6"
LETTER = 0.075  # inches, the mean width of a letter
BASELINE = "baseline"
RULES = {"prior": "thresholding (prior)"}
ROLES: dict[bool, dict[str, Any]] = {
    True: {"label": "minority", "color": RED, "hatch": "////"},
    False: {"label": "majority", "color": GREY},
}


class Look(NamedTuple):
    """How a method is drawn."""

    color: str
    marker: str
    line: str | tuple[int, tuple[int, ...]]


def looks(methods: Iterable[str]) -> dict[str, Look]:
    """The baseline is a black circle; 42 others differ in colour or marker, 30 of them in colour or line too."""
    colors, markers = cycle([ORANGE, BLUE, GREEN, RED, SKY, PURPLE]), cycle("s^DvPXp")
    lines = cycle([(0, (5, 1.5)), (0, (1, 1)), "-", (0, (6, 1, 1, 1)), (0, (3, 1, 1, 1, 1, 1))])
    others = (method for method in methods if method != BASELINE)
    drawn = zip(others, colors, markers, lines, strict=False)
    return {BASELINE: Look(BLACK, "o", "-")} | {method: Look(*look) for method, *look in drawn}


def label(key: str) -> str:
    """A key as readers see it: two_phase_over -> "two phase over"."""
    return key.replace("_", " ")


# --- the figures ---


def class_sizes(sizes: pd.DataFrame) -> Figure:
    """Training images of every class in one replicate: the form of the imbalance (Buda et al. 2018, Figure 1)."""
    first, replicates = sizes["replicate"].min(), sizes["replicate"].nunique()
    shown = sizes[sizes["replicate"] == first].reset_index(drop=True)
    figure, (axes,) = canvas(1, 1, max(5.5, 0.13 * len(shown)), 2.4)
    for minority, bars in shown.groupby("minority"):
        drawn = axes.bar(bars.index, bars["images"], edgecolor="white", linewidth=0, **ROLES[bool(minority)])
        if len(shown) <= 20:
            axes.bar_label(drawn, fmt="{:,.0f}", fontsize=7.5)
    name_classes(axes, list(shown["class"]))
    axes.set_ylabel("training images")
    axes.yaxis.set_major_formatter("{x:,.0f}")
    redrawn = sizes.groupby("class")["images"].nunique().max() > 1
    others = "the others give these sizes to other classes" if redrawn else "the same in all"
    headline(figure, "Training images of each class", f"replicate {first} of {replicates}; {others}")
    figure.legend(loc="outside lower left", ncols=2)
    return figure


def measure(summary: pd.DataFrame, replicates: pd.DataFrame, name: str) -> Figure:
    """Mean, 95 % interval and replicates of a measure by method and rule (Buda et al. 2018, Figures 3 and 6)."""
    means, values = (table[table["measure"] == name] for table in (summary, replicates))
    methods, rules = list(means["method"].unique()), list(means["rule"].unique())
    figure, (axes,) = canvas(1, 1, 5.0, 0.28 * len(methods) * len(rules) + 0.3, methods)
    for row in means.to_dict("records"):
        look, y = looks(methods)[row["method"]], methods.index(row["method"]) + lane(row["rule"], rules)
        points = values[(values["method"] == row["method"]) & (values["rule"] == row["rule"])]
        # A replicate has its own height, so that methods can be compared replicate by replicate.
        heights = y + np.linspace(-0.3, 0.3, len(points) + 2)[1:-1] / len(rules)
        axes.scatter(points["value"], heights, s=9, color=look.color, alpha=0.35, linewidth=0)
        interval(axes, row["mean"], row, y, look, rules)
        if (row["method"], row["rule"]) == (BASELINE, rules[0]):
            axes.axvline(row["mean"], color=GREY, linewidth=0.8, linestyle=":", zorder=0)
    name_rows(axes, methods)
    if name != "auc":
        axes.xaxis.set_major_formatter(PercentFormatter(1))
    n = int(means["n"].max())
    over = f"mean and 95 % interval of {n} replicates (dots)" if n > 1 else "one replicate, so no interval"
    what = "ROC AUC, one-vs-rest, mean over classes" if name == "auc" else f"{label(name).capitalize()} on the test set"
    headline(figure, what, f"{over}; dotted line: baseline")
    name_rules(figure, rules)
    return figure


def differences(comparisons: pd.DataFrame) -> Figure:
    """Differences from the baseline with 95 % intervals and Holm-corrected p-values (a forest plot)."""
    names = [name for name in ("auc", "accuracy", "minority_recall") if name in set(comparisons["measure"])]
    shown = comparisons[comparisons["measure"].isin(names)]
    methods, rules = list(shown["method"].unique()), [rule for rule in shown["rule"].unique() if rule != "any"]
    tall = 0.28 * len(methods) * max(1, len(rules)) + 0.3
    figure, panels = canvas(len(names), len(names), 2.2, tall, methods)
    for axes, name in zip(panels, names, strict=True):
        rows = shown[shown["measure"] == name].to_dict("records")
        heights = [methods.index(row["method"]) + lane(row["rule"], rules) for row in rows]
        for row, y in zip(rows, heights, strict=True):
            interval(axes, row["difference"], row, y, looks(methods)[row["method"]], rules)
        axes.axvline(0, color=GREY, linewidth=0.8, linestyle=":", zorder=0)
        name_rows(axes, methods)
        tested = axes.secondary_yaxis("right")
        tested.set_yticks(heights, [p_value(row["p_holm"]) for row in rows], fontsize=7)
        tested.tick_params(length=0)
        tested.spines["right"].set_visible(False)
        axes.xaxis.set_major_locator(MaxNLocator(4))
        if name != "auc":
            axes.xaxis.set_major_formatter(PercentFormatter(1, symbol=""))
        axes.set_title("ROC AUC" if name == "auc" else f"{label(name)} (points of %)")
    note = "paired by replicate; mean, 95 % interval, and p corrected for the comparisons of a measure (Holm)"
    headline(figure, "Difference from the baseline under argmax", note if names else "nothing to compare")
    name_rules(figure, rules)
    return figure


def recall(recalls: pd.DataFrame) -> Figure:
    """Recall of each class where it is a minority in training and where it is not; means over replicates."""
    methods, classes = list(recalls["method"].unique()), list(recalls["class"].unique())
    roles, few = sorted(recalls["minority"].unique(), reverse=True), len(classes) <= 20
    panels = [(rule, role) for rule in recalls["rule"].unique() for role in roles]
    columns, wide = (len(roles), max(3.2, 0.28 * len(classes))) if few else (1, 0.13 * len(classes))
    figure, grid = canvas(len(panels), columns, wide, 0.24 * len(methods) + 0.25, methods)
    means = recalls.groupby(["rule", "minority", "method", "class"])["recall"].mean()
    colors = Normalize(means.min(), 1)
    for axes, (rule, role) in zip(grid, panels, strict=True):
        cells = means.loc[rule, role].unstack().reindex(index=methods, columns=classes).to_numpy()
        image = axes.imshow(cells, norm=colors, cmap="cividis", aspect="auto", interpolation="nearest")
        for (row, column), value in np.ndenumerate(cells) if few else ():
            text = "–" if np.isnan(value) else f"{100 * value:.0f}"
            color = "black" if np.isnan(value) or colors(value) > 0.5 else "white"
            axes.text(column, row, text, ha="center", va="center", fontsize=7, color=color)
        name_classes(axes, classes)
        axes.set_yticks(range(len(methods)), [label(method) for method in methods])
        of = ROLES[bool(role)]["label"] if len(roles) > 1 else "all"
        axes.set_title(f"{of} classes, {RULES.get(rule, label(rule))}")
    figure.colorbar(image, ax=grid, format=PercentFormatter(1), aspect=40, shrink=0.9, pad=0.02)
    headline(figure, "Recall of each class (%)", "mean of the replicates in which the class is minority, or majority")
    return figure


def roc(curves: pd.DataFrame) -> Figure:
    """One-vs-rest ROC curves, means over the classes of a role and over replicates; log false positive rate."""
    methods, groups = list(curves["method"].unique()), sorted(curves["classes"].unique(), reverse=True)
    figure, panels = canvas(len(groups), len(groups), 3.2, 2.8)
    for axes, group in zip(panels, groups, strict=True):
        for method in methods:
            curve = curves[(curves["method"] == method) & (curves["classes"] == group) & (curves["fpr"] > 0)]
            line(axes, curve["fpr"], curve["tpr"], looks(methods)[method], label=label(method))
        axes.set_xscale("log")
        axes.set_xlabel("false positive rate")
        axes.xaxis.set_major_formatter(PercentFormatter(1))
        axes.yaxis.set_major_formatter(PercentFormatter(1))
        axes.set_title(f"{group} classes" if len(groups) > 1 else "all classes (none is a minority)")
    panels[0].set_ylabel("true positive rate")
    headline(figure, "ROC curves, one-vs-rest", "mean over classes and replicates")
    wide_legend(figure, *panels[0].get_legend_handles_labels())
    return figure


def confusion(shares: pd.DataFrame) -> Figure:
    """Where the test images of each class go; means over replicates. Log colours, to show errors of 0.1 % too."""
    panels, classes = list(shares.groupby(["method", "rule"], sort=False)), list(shares["actual"].unique())
    columns = shares["rule"].nunique() * math.ceil(math.sqrt(shares["method"].nunique() / 3))
    figure, grid = canvas(len(panels), columns, 1.8, 1.95, classes)
    colors, step = LogNorm(1e-3, 1), math.ceil(len(classes) / 15)
    names = [str(name) for name in classes[::step]]
    for axes, ((method, rule), panel) in zip(grid, panels, strict=True):
        cells = panel.pivot_table(index="actual", columns="predicted", values="share").reindex(classes)[classes]
        image = axes.imshow(cells, norm=colors, cmap="cividis_r", interpolation="nearest")
        axes.set_xticks(range(0, len(classes), step), names, rotation=0 if max(map(len, names)) < 2 else 90)
        axes.set_yticks(range(0, len(classes), step), names)
        axes.tick_params(labelsize=7)
        axes.set_title(f"{label(method)}\n{RULES.get(rule, label(rule))}", fontsize=7.5)
    figure.colorbar(image, ax=grid, format=PercentFormatter(1), extend="min", aspect=40, shrink=0.7)
    note = "row: class; column: decision; share of the class's test images, mean over replicates (log scale)"
    headline(figure, "Confusion matrices", note)
    return figure


def convergence(table: pd.DataFrame) -> Figure:
    """Accuracy in training and on the test set by iteration, mean and range of replicates (Buda et al., Figure 8)."""
    methods = list(table["method"].unique())
    columns = min(len(methods), math.ceil(math.sqrt(len(methods) * 1.5)))
    figure, grid = canvas(len(methods), columns, 2.2, 1.6)
    curves = table.drop(columns="replicate").groupby(["method", "iteration"]).agg(["mean", "min", "max"])
    for axes, method in zip(grid, methods, strict=True):
        look, own = looks(methods)[method], curves.loc[method]
        if BASELINE in methods:
            line(axes, curves.loc[BASELINE].index, curves.loc[BASELINE]["test_accuracy", "mean"])
    return figure
