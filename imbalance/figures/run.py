"""The figures of a run: tables in, matplotlib figures out; names of methods and classes are text.

A method looks the same in every figure (`imbalance.figures.drawing`).
"""

import math
import textwrap
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from imbalance.figures.drawing import (
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
    span,
    within,
)

LEADING = ("auc", "accuracy", "balanced_accuracy", "minority_recall")
FEW_CELLS = 5  # so many classes leave room for percentages in a confusion matrix
ROLES: dict[bool, dict[str, Any]] = {
    True: {"label": "minority", "color": RED, "hatch": "////"},
    False: {"label": "majority", "color": GREY},
}


def left_out(trials: pd.DataFrame) -> str:
    """How many of the networks are in no average, as they are stuck, and of which methods; "" if none is."""
    kept = trials[trials["kept"]]
    stuck = kept.groupby("method", sort=False)["state"].agg(lambda states: (states == "stuck").sum())
    replicates = kept["replicate"].nunique()
    counts = [f"{label(method)} {n} of {replicates}" for method, n in stuck.items() if n]
    more = f" and {len(counts) - 4} methods more" if len(counts) > 4 else ""
    return f"stuck networks are left out ({', '.join(counts[:4])}{more})" if counts else ""


def class_sizes(sizes: pd.DataFrame) -> Figure:
    """Training images of every class in one replicate: the form of imbalance (Buda et al. 2018, Figure 1)."""
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
    redrawn = sizes.groupby("class")["images"].nunique().max() > 1
    others = "the others give these sizes to other classes" if redrawn else "the same in all"
    headline(figure, "Training images of each class", f"replicate {first} of {replicates}; {others}")
    legend(figure, axes)
    return figure


def measure(
    summary: pd.DataFrame, replicates: pd.DataFrame, name: str, title: str, left_out: str = ""
) -> Figure:
    """Mean, 95 % interval and replicates of a measure by method and rule (Buda et al. 2018, Figures 3, 6)."""
    means, values = (table[table["measure"] == name] for table in (summary, replicates))
    methods, rules = list(means["method"].unique()), sorted(means["rule"].unique())
    figure, (axes,) = canvas(1, 1, 5.0, 0.26 * len(methods) * len(rules) + 0.2, beside=methods)
    reference = means[(means["method"] == BASELINE) & (means["rule"] == rules[0])]["mean"]
    for row in means.to_dict("records"):
        look, y = looks(methods)[row["method"]], methods.index(row["method"]) + lane(row["rule"], rules)
        points = values[(values["method"] == row["method"]) & (values["rule"] == row["rule"])]
        # A replicate has its own height, so that methods can be compared replicate by replicate.
        heights = y + np.linspace(-0.3, 0.3, len(points) + 2)[1:-1] / len(rules)
        dots = points.sort_values("replicate")["value"]
        axes.scatter(dots, heights, 9, look.color, alpha=0.4, linewidth=0, clip_on=False)
        interval(axes, row, row["mean"], y, look)
    for mean in reference:
        axes.axvline(mean, color=GREY, linewidth=0.8, linestyle=":", zorder=0)
    axes.set_xlim(within(axes.get_xlim(), 0, 1))
    name_rows(axes, methods)
    if name != "auc":
        axes.xaxis.set_major_formatter(percent)
    name_test_error(axes, means, name)
    counts = " to ".join(map(str, dict.fromkeys((means["n"].min(), means["n"].max()))))
    over = f"mean and 95 % interval of {counts} replicates (dots), {means['interval'].iloc[0]}"
    baseline = "dotted line: baseline" if len(reference) else "no baseline"
    notes = [over if means["n"].max() > 1 else "one replicate, so no interval", *remarks(means), left_out]
    headline(figure, title, "; ".join(filter(None, [*notes, baseline])))
    name_rules(figure, axes, rules)
    return figure


def remarks(rows: pd.DataFrame) -> list[str]:
    """What some of the intervals, or of the tests, need to have said of them."""
    words = "no interval, no test" if "p" in rows else "no interval"
    made = {
        f"{words}: too few distinct replicates": rows["low"].isna().any() and rows["n"].max() > 1,
        "arrow: cut at the measure's limit": (rows["cut"] != "none").any(),
    }
    return [remark for remark, holds in made.items() if holds]


def name_test_error(axes: Axes, rows: pd.DataFrame, name: str) -> None:
    """The half-width of the intervals that come from the test images alone, below their axis."""
    errors = rows["test_error"] * (1 if name == "auc" else 100)
    if shown := span(errors, "" if name == "auc" else " % points"):
        axes.set_xlabel(f"test images alone: {shown}", fontsize=7)


def differences(comparisons: pd.DataFrame, left_out: str = "") -> Figure:
    """Differences from the baseline with 95 % intervals and Holm-corrected p-values (a forest plot)."""
    shown = comparisons[comparisons["leads"]]
    names = [name for name in LEADING if name in set(shown["measure"])]
    methods = sorted(shown["method"].unique(), key=lambda method: method != BASELINE)
    rules = sorted(set(shown["rule"]) - {"any"})
    height = 0.26 * len(methods) * max(1, len(rules)) + 0.2
    figure, grid = canvas(len(names), len(names), 2.3, height, beside=methods, sharex=False)
    for axes, name in zip(grid, names, strict=True):
        of_measure = shown[shown["measure"] == name]
        rows = of_measure.to_dict("records")
        heights = [methods.index(row["method"]) + lane(row["rule"], rules) for row in rows]
        for row, y in zip(rows, heights, strict=True):
            interval(axes, row, row["difference"], y, looks(methods)[row["method"]])
        axes.axvline(0, color=GREY, linewidth=0.8, linestyle=":", zorder=0)
        axes.set_xlim(within(axes.get_xlim(), -1, 1))
        axes.xaxis.set_major_locator(MaxNLocator(4))
        axes.set_title("ROC AUC" if name == "auc" else f"{label(name)}, % points")
        if name != "auc":
            axes.xaxis.set_major_formatter(percentage_points)
        name_test_error(axes, of_measure, name)
        name_rows(axes, methods)
        tested = axes.secondary_yaxis("right")
        tested.set_yticks(heights, [p_value(row["p_holm"], row["n"]) for row in rows], fontsize=7)
        tested.tick_params(length=0)
        tested.spines["right"].set_visible(False)
    if shown["n"].max() > 1:
        notes = [f"paired by replicate: mean and 95 % interval, {shown['interval'].iloc[0]}"]
        notes += [
            "p is corrected for the comparisons of a measure (Holm), intervals are not",
            *remarks(shown),
        ]
    else:
        notes = ["one replicate, so no interval" if names else "nothing to compare"]
    headline(figure, "Difference from the baseline under argmax", "; ".join(filter(None, [*notes, left_out])))
    if names:
        name_rules(figure, grid[0], rules)
    return figure


def recall(recalls: pd.DataFrame, left_out: str = "") -> Figure:
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
    """One-vs-rest ROC curves from 1 / negatives, means over the classes of a role and over replicates."""
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
    """Where the test images of each class go; means over replicates.

    Few classes have their percentages written in; of more, log colours show rare errors too.
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
        for (row, column), share in np.ndenumerate(cells.to_numpy()) if few else ():
            color = "white" if share > 0.6 else BLACK
            axes.text(column, row, f"{100 * share:.1f}", ha="center", va="center", fontsize=7, color=color)
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


def convergence(table: pd.DataFrame, remark: str = "") -> Figure:
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
        axes.set_ylim(within(axes.get_ylim(), 0, 1))
        axes.yaxis.set_major_formatter(percent)
        axes.set_title(textwrap.fill(label(method), 30))
    for axes in grid[-columns:]:
        axes.set_xlabel("iteration")
    keys: list[tuple[str, str, Any]] = [("test set", BLACK, SOLID), ("training batches", BLACK, DOTTED)]
    if BASELINE in methods and len(methods) > 1:
        keys.append(("baseline, test set", GREY, SOLID))
    for name, color, line in keys:
        grid[0].plot([], [], color=color, linestyle=line, label=name)
    note = "mean and range of the replicates; batches as the method samples them"
    headline(figure, "Accuracy while training", "; ".join(filter(None, [note, remark])))
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
