"""Figures that compare the methods: their measures, and differences from the baseline, with intervals."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from imbalance.figures.drawing import (
    BASELINE,
    GREY,
    canvas,
    headline,
    interval,
    label,
    lane,
    looks,
    name_rows,
    name_rules,
    p_value,
    percent,
    percentage_points,
    replicates_of,
    span,
    within,
)

LEADING = ("auc", "accuracy", "balanced_accuracy", "minority_recall")


def measure(
    summary: pd.DataFrame, replicates: pd.DataFrame, name: str, title: str, left_out: str = ""
) -> Figure:
    """Draw a measure's means, 95 % intervals and replicates by method (Buda et al. 2018, Figures 3, 6)."""
    means, values = (table[table["measure"] == name] for table in (summary, replicates))
    methods, rules = list(means["method"].unique()), sorted(means["rule"].unique())
    figure, (axes,) = canvas(1, 1, 5.0, 0.26 * len(methods) * len(rules) + 0.2, beside=methods)
    numbers = sorted(values["replicate"].unique())
    places = dict(zip(numbers, np.linspace(-0.3, 0.3, len(numbers) + 2)[1:-1] / len(rules), strict=True))
    reference = means[(means["method"] == BASELINE) & (means["rule"] == rules[0])]["mean"]
    for row in means.to_dict("records"):
        look, y = looks(methods)[row["method"]], methods.index(row["method"]) + lane(row["rule"], rules)
        points = values[(values["method"] == row["method"]) & (values["rule"] == row["rule"])]
        # Each replicate has its own height, so that methods can be compared replicate by replicate.
        heights = y + points["replicate"].map(places)
        axes.scatter(points["value"], heights, 9, look.color, alpha=0.4, linewidth=0, clip_on=False)
        interval(axes, row, row["mean"], y, look)
    for mean in reference:
        axes.axvline(mean, color=GREY, linewidth=0.8, linestyle=":", zorder=0)
    axes.set_xlim(within(axes.get_xlim(), 0, 1))
    name_rows(axes, methods)
    if name != "auc":
        axes.xaxis.set_major_formatter(percent)
    name_test_error(axes, means, name)
    over = f"mean and 95 % interval of {replicates_of(means)} replicates (dots), {means['interval'].iloc[0]}"
    baseline = "dotted line: baseline" if len(reference) else "no baseline"
    notes = [over if means["n"].max() > 1 else "one replicate, so no interval", *remarks(means), left_out]
    headline(figure, title, "; ".join(filter(None, [*notes, baseline])))
    name_rules(figure, axes, rules)
    return figure


def differences(comparisons: pd.DataFrame, left_out: str = "") -> Figure:
    """Draw differences from the baseline with 95 % intervals and Holm-corrected p-values (a forest plot)."""
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


def remarks(rows: pd.DataFrame) -> list[str]:
    """Return the remarks that the intervals and tests in these rows require."""
    words = "no interval, no test" if "p" in rows else "no interval"
    made = {
        f"{words}: too few distinct replicates": rows["low"].isna().any() and rows["n"].max() > 1,
        "arrow: cut at the measure's limit": (rows["cut"] != "none").any(),
    }
    return [remark for remark, holds in made.items() if holds]


def name_test_error(axes: Axes, rows: pd.DataFrame, name: str) -> None:
    """Write the half-widths of the intervals from the test images alone below the axis."""
    errors = rows["test_error"] * (1 if name == "auc" else 100)
    if shown := span(errors, "" if name == "auc" else " % points"):
        axes.set_xlabel(f"test images alone: {shown}", fontsize=7)
