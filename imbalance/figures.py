"""The figures of a run: tables in, matplotlib figures out; names of methods and classes are text.

A method looks the same in every figure (`imbalance.drawing`).
"""

import math
import textwrap
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from imbalance.drawing import (
    BASELINE,
    BLACK,
    BLUE,
    DOTTED,
    FEW_CLASSES,
    GREY,
    RED,
    SOLID,
    canvas,
    color_bar,
    headline,
    heat_map,
    interval,
    label,
    lane,
    legend,
    looks,
    name_columns,
    name_rows,
    name_rules,
    p_value,
    percent,
    percentage_points,
)

ROLES: dict[bool, dict[str, Any]] = {
    True: {"label": "minority", "color": RED, "hatch": "////"},
    False: {"label": "majority", "color": GREY},
}


def class_sizes(sizes: pd.DataFrame) -> Figure:
    """Training images of every class in one replicate: the form of imbalance (Buda et al. 2018, Figure 1)."""
    first, replicates = sizes["replicate"].min(), sizes["replicate"].nunique()
    shown = sizes[sizes["replicate"] == first].reset_index(drop=True)
    figure, (axes,) = canvas(1, 1, max(5.5, 0.13 * len(shown)), 2.4, below=shown["class"])
    for minority, bars in shown.groupby("minority"):
        drawn = axes.bar(bars.index, bars["images"], edgecolor="white", linewidth=0, **ROLES[bool(minority)])
        if len(shown) <= FEW_CLASSES:
            axes.bar_label(drawn, fmt="{:,.0f}", fontsize=7.5)
    name_columns(axes, shown["class"])
    axes.set_xlim(-0.6, len(shown) - 0.4)
    axes.set_ylabel("training images")
    axes.yaxis.set_major_formatter("{x:,.0f}")
    redrawn = sizes.groupby("class")["images"].nunique().max() > 1
    others = "the others give these sizes to other classes" if redrawn else "the same in all"
    headline(figure, "Training images of each class", f"replicate {first} of {replicates}; {others}")
    legend(figure, axes)
    return figure


def measure(summary: pd.DataFrame, replicates: pd.DataFrame, name: str, title: str) -> Figure:
    """Mean, 95 % interval and replicates of a measure by method and rule (Buda et al. 2018, Figures 3, 6)."""
    means, values = (table[table["measure"] == name] for table in (summary, replicates))
    methods, rules = list(means["method"].unique()), sorted(means["rule"].unique())
    figure, (axes,) = canvas(1, 1, 5.0, 0.26 * len(methods) * len(rules), beside=methods)
    for row in means.to_dict("records"):
        look, y = looks(methods)[row["method"]], methods.index(row["method"]) + lane(row["rule"], rules)
        points = values[(values["method"] == row["method"]) & (values["rule"] == row["rule"])]
        # A replicate has its own height, so that methods can be compared replicate by replicate.
        heights = y + np.linspace(-0.3, 0.3, len(points) + 2)[1:-1] / len(rules)
        axes.scatter(points.sort_values("replicate")["value"], heights, 9, look.color, alpha=0.4, linewidth=0)
        interval(axes, row["mean"], row["low"], row["high"], y, look, row["rule"])
        if (row["method"], row["rule"]) == (BASELINE, rules[0]):
            axes.axvline(row["mean"], color=GREY, linewidth=0.8, linestyle=":", zorder=0)
    name_rows(axes, methods)
    if name != "auc":
        axes.xaxis.set_major_formatter(percent)
    n = int(means["n"].max())
    over = f"mean and 95 % interval of {n} replicates (dots)" if n > 1 else "one replicate, so no interval"
    headline(figure, title, f"{over}; dotted line: baseline")
    name_rules(figure, axes, rules)
    return figure


def differences(comparisons: pd.DataFrame) -> Figure:
    """Differences from the baseline with 95 % intervals and Holm-corrected p-values (a forest plot)."""
    names = [name for name in ("auc", "accuracy", "minority_recall") if name in set(comparisons["measure"])]
    shown = comparisons[comparisons["measure"].isin(names)]
    methods = sorted(shown["method"].unique(), key=lambda method: method != BASELINE)
    rules = sorted(set(shown["rule"]) - {"any"})
    height = 0.26 * len(methods) * max(1, len(rules))
    figure, grid = canvas(len(names), len(names), 2.3, height, beside=methods, sharex=False)
    for axes, name in zip(grid, names, strict=True):
        rows = shown[shown["measure"] == name].to_dict("records")
        heights = [methods.index(row["method"]) + lane(row["rule"], rules) for row in rows]
        for row, y in zip(rows, heights, strict=True):
            look = looks(methods)[row["method"]]
            interval(axes, row["difference"], row["low"], row["high"], y, look, row["rule"])
        axes.axvline(0, color=GREY, linewidth=0.8, linestyle=":", zorder=0)
        axes.xaxis.set_major_locator(MaxNLocator(4))
        axes.set_title("ROC AUC" if name == "auc" else f"{label(name)}, % points")
        if name != "auc":
            axes.xaxis.set_major_formatter(percentage_points)
        name_rows(axes, methods)
        tested = axes.secondary_yaxis("right")
        tested.set_yticks(heights, [p_value(row["p_holm"]) for row in rows], fontsize=7)
        tested.tick_params(length=0)
        tested.spines["right"].set_visible(False)
    note = "paired by replicate: mean, 95 % interval, p corrected for the comparisons of a measure (Holm)"
    few = "one replicate, so no interval" if names else "nothing to compare"
    headline(figure, "Difference from the baseline under argmax", note if shown["n"].max() > 1 else few)
    if names:
        name_rules(figure, grid[0], rules)
    return figure


def recall(recalls: pd.DataFrame) -> Figure:
    """Recall of each class where it is a minority in training and where it is not; means over replicates."""
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
        for (row, column), share in np.ndenumerate(shares) if few else ():
            text, color = (
                "-" if np.isnan(share) else f"{100 * share:.0f}",
                "white" if colors(share) < 0.3 else BLACK,
            )
            axes.text(column, row, text, ha="center", va="center", fontsize=7, color=color)
        name_columns(axes, classes)
        axes.set_yticks(range(len(methods)), [label(method) for method in methods])
        axes.set_title(f"{ROLES[bool(minority)]['label'] if roles > 1 else 'all'} classes, {label(rule)}")
    color_bar(figure, grid, image)
    note = "mean over the replicates in which the class has the role (grey: there is none)"
    headline(figure, "Recall of each class (%)", note if roles > 1 else "mean over replicates")
    return figure


def roc(curves: pd.DataFrame) -> Figure:
    """One-vs-rest ROC curves, means over the classes of a role and over replicates."""
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
        axes.set_xlabel("false positive rate (log scale)")
        axes.xaxis.set_major_formatter(percent)
        axes.yaxis.set_major_formatter(percent)
        axes.set_title(f"{group} classes" if len(groups) > 1 else "all classes (none is a minority)")
    grid[0].set_ylabel("true positive rate")
    headline(figure, "ROC curves, one-vs-rest", "mean over classes and replicates")
    legend(figure, grid[0])
    return figure


def confusion(shares: pd.DataFrame) -> Figure:
    """Where the test images of each class go; means over replicates. Log colours show rare errors too."""
    panels, classes = list(shares.groupby(["method", "rule"], sort=False)), list(shares["actual"].unique())
    columns = shares["rule"].nunique() * math.ceil(math.sqrt(shares["method"].nunique() / 3))
    edge = 1.75 if len(classes) <= 10 else 2.4
    figure, grid = canvas(len(panels), columns, edge, edge + 0.2, beside=classes, below=classes)
    for axes, ((method, rule), panel) in zip(grid, panels, strict=True):
        cells = panel.pivot_table(index="actual", columns="predicted", values="share").loc[classes, classes]
        image = heat_map(axes, cells.to_numpy(), LogNorm(1e-3, 1), "Blues", "equal")
        some = range(0, len(classes), math.ceil(len(classes) / FEW_CLASSES))
        name_columns(axes, classes, some)
        axes.set_yticks(some, [classes[index] for index in some])
        axes.tick_params(labelsize=7)
        axes.set_title(f"{textwrap.fill(label(method), 24)}\n{label(rule)}", fontsize=7.5)
    color_bar(figure, grid, image)
    note = "row: true class, column: decision; share of the class's images, mean over replicates (log scale)"
    headline(figure, "Confusion matrices", note)
    return figure


def convergence(table: pd.DataFrame) -> Figure:
    """Accuracy on training batches and on the test set, by iteration (Buda et al. 2018, Figure 8)."""
    methods = list(table["method"].unique())
    columns = min(len(methods), max(3, round(math.sqrt(len(methods)))))
    figure, grid = canvas(len(methods), columns, 2.2, 1.7)
    curves = table.drop(columns="replicate").groupby(["method", "iteration"]).agg(["mean", "min", "max"])
    for axes, method in zip(grid, methods, strict=True):
        color, own = looks(methods)[method].color, curves.loc[method]
        for name, line in (("test_accuracy", SOLID), ("train_accuracy", DOTTED)):
            axes.plot(own.index, own[name, "mean"], color=color, linestyle=line, linewidth=1.2)
            axes.fill_between(
                own.index, own[name, "min"], own[name, "max"], color=color, alpha=0.2, linewidth=0
            )
        if method != BASELINE and BASELINE in methods:
            baseline = curves.loc[BASELINE]["test_accuracy", "mean"]
            axes.plot(baseline.index, baseline, color=GREY, linewidth=0.9, zorder=1)
        axes.yaxis.set_major_formatter(percent)
        axes.set_title(textwrap.fill(label(method), 30))
    for axes in grid[-columns:]:
        axes.set_xlabel("iteration")
    for name, color, line in (
        ("test set", BLACK, SOLID),
        ("training batches", BLACK, DOTTED),
        ("baseline, test set", GREY, SOLID),
    ):
        grid[0].plot([], [], color=color, linestyle=line, label=name)
    headline(
        figure,
        "Accuracy while training",
        "mean and range of the replicates; batches as the method samples them",
    )
    legend(figure, grid[0])
    return figure


def search(trials: pd.DataFrame) -> Figure:
    """Test AUC of every network that was tried, by its base rate; those that diverged have none."""
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
