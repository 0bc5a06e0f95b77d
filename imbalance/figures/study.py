"""The figures of a study: a measure over a parameter, with a line and a band for each method."""

from collections.abc import Mapping, Sequence
from itertools import cycle

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from imbalance.figures.drawing import (
    BASELINE,
    BLACK,
    DASHED,
    DOTTED,
    GREY,
    NARROW,
    SOLID,
    Look,
    canvas,
    fill,
    headline,
    label,
    legend,
    looks,
    percent,
    percentage_points,
    replicates_of,
    within,
)
from imbalance.studies.lines import EVERYWHERE, GRID, ONLY

FEW_LINES = 6  # lines, at most, that are named at their ends
GAP = 0.085  # between the names of two lines, as a fraction of the axis
TITLES = {"auc": "ROC AUC", "accuracy": "accuracy", "minority_recall": "recall of the minority classes"}
AXES = {
    "rho": "imbalance ratio \N{GREEK SMALL LETTER RHO}",
    "mu": "fraction of minority classes \N{GREEK SMALL LETTER MU}",
    "ratio": "imbalance ratio that sampling leaves",
}
LOGARITHMIC = ("rho", "ratio", "n_max")


def lines(
    table: pd.DataFrame, x: str, measure: str, interval: str, difference: bool = False, narrow: bool = False
) -> Figure:
    """Draw the means and 95 % bands of a measure over `x` (Buda et al. 2018, Figures 3 to 7).

    `table` is one of imbalance/studies/lines.py; a `difference` is from the baseline under argmax.
    `interval` says what the bands cover. In a `narrow` figure, the panels are below each other.
    """
    of_panels, everywhere = table[table["panel"] != EVERYWHERE], table[table["panel"] == EVERYWHERE]
    names, rules = list(of_panels["line"].unique()), sorted(of_panels["rule"].unique())
    panels = list(of_panels["panel"].unique())
    styles = looks(names) if BASELINE in names or difference else _shades(names)
    columns = 1 if narrow else len(panels)
    named = 1.1 * (len(names) <= FEW_LINES)  # inches for names at the ends of lines, shared by the panels
    figure, grid = canvas(
        len(panels) * len(rules), columns, 2.3 + named / columns, 2.3, least=NARROW if narrow else 6.0
    )
    for index, axes in enumerate(grid):
        panel, rule = panels[index % len(panels)], rules[index // len(panels)]
        shown = of_panels[(of_panels["panel"] == panel) & (of_panels["rule"] == rule)]
        for name in names:
            _line(axes, shown[shown["line"] == name], x, styles[name])
        reference = everywhere[(everywhere["rule"] == rule) & (everywhere["beside"] == GRID)]["mean"]
        for value in [0.0] if difference else reference:
            axes.axhline(
                value, color=GREY, linewidth=0.9, linestyle=DOTTED if difference else DASHED, zorder=0
            )
        parts = ["" if panel == ONLY else panel.replace("_", " "), "" if rule == "any" else label(rule)]
        axes.set_title(", ".join(filter(None, parts)))
    for axes in grid[-columns:]:
        axes.set_xlabel(AXES.get(x, x.replace("_", " ")))
    values = sorted(of_panels[x].unique())
    if x in LOGARITHMIC:
        grid[0].set_xscale("log")
        grid[0].minorticks_off()
    grid[0].set_xticks(values, [f"{value:,g}" for value in values])
    grid[0].set_ylim(within(grid[0].get_ylim(), -1 if difference else 0, 1))
    if measure != "auc" or difference:
        grid[0].yaxis.set_major_formatter(percentage_points if difference else percent)
    _keys(grid[0], table, {} if named else styles, difference)
    for index, axes in enumerate(grid if named else ()):
        if index % columns == columns - 1:
            panel, rule = panels[index % len(panels)], rules[index // len(panels)]
            last = of_panels[(of_panels["panel"] == panel) & (of_panels["rule"] == rule)]
            _name_at_ends(axes, last[last["beside"] == GRID].sort_values(x), styles)
    over = f"{TITLES[measure]} over the {AXES[x] if x in AXES else x.replace('_', ' ')}"
    title = f"Difference from the baseline: {over} (% points)" if difference else over[0].upper() + over[1:]
    what = "baseline under argmax, paired by replicate; " if difference else ""
    headline(figure, title, f"{what}mean and 95 % interval of {replicates_of(table)} replicates, {interval}")
    if grid[0].get_legend_handles_labels()[0]:
        legend(figure, grid[0])
    return figure


def _line(axes: Axes, rows: pd.DataFrame, x: str, look: Look) -> None:
    """Draw a line with its band; conditions beside the grid are single, larger marks with their interval."""
    of_grid = rows[rows["beside"] == GRID].sort_values(x)
    (line,) = axes.plot(of_grid[x], of_grid["mean"], color=look.color, linestyle=look.line, linewidth=1.2)
    line.set(marker=look.marker, markersize=4)
    for rule in rows["rule"].unique():
        fill(line, rule)
    axes.fill_between(of_grid[x], of_grid["low"], of_grid["high"], color=look.color, alpha=0.13, linewidth=0)
    for row in rows[rows["beside"] != GRID].to_dict("records"):
        errors = np.array([[row["mean"] - row["low"]], [row["high"] - row["mean"]]])
        bar = axes.errorbar(row[x], row["mean"], yerr=errors, color=look.color, linewidth=0.8)
        bar.lines[0].set(marker=look.marker, markersize=8, fillstyle="none")


def _keys(axes: Axes, table: pd.DataFrame, styles: Mapping[str, Look], difference: bool) -> None:
    """Add to the legend the lines in `styles`, and the marks beside the grid and the balanced set, if any."""
    for name, style in styles.items():
        axes.plot([], [], color=style.color, marker=style.marker, linestyle=style.line, label=label(name))
    for beside in table["beside"].unique():
        if beside != GRID:
            axes.plot(
                [], [], color=BLACK, marker="o", linestyle="", fillstyle="none", markersize=8, label=beside
            )
    if not difference and (table["panel"] == EVERYWHERE).any():
        axes.plot([], [], color=GREY, linewidth=0.9, linestyle=DASHED, label="baseline on a balanced set")


def _name_at_ends(axes: Axes, rows: pd.DataFrame, styles: Mapping[str, Look]) -> None:
    """Write the names of the lines beside their last points, apart from each other."""
    ends = rows.groupby("line", sort=False)["mean"].last().sort_values()
    low, high = axes.get_ylim()
    heights = ((ends - low) / (high - low)).to_numpy()
    places = heights.copy()
    for index in range(1, len(places)):
        places[index] = max(places[index], places[index - 1] + GAP)
    places[-1] = min(places[-1], 1.0)
    for index in range(len(places) - 2, -1, -1):
        places[index] = min(places[index], places[index + 1] - GAP)
    for name, height, place in zip(ends.index, heights, places, strict=True):
        look = styles[str(name)]
        axes.annotate(
            label(str(name)),
            (1, height),
            (1.1, place),
            xycoords="axes fraction",
            textcoords="axes fraction",
            color=look.color,
            fontsize=7.5,
            va="center",
            arrowprops={
                "arrowstyle": "-",
                "color": look.color,
                "linewidth": 0.6,
                "relpos": (0, 0.5),
                "shrinkA": 1,
            },
        )


def _shades(names: Sequence[str]) -> dict[str, Look]:
    """Return the looks of lines that are no methods, but values of a quantity: from light to dark."""
    greys = np.linspace(0.65, 0, len(names))
    return {
        name: Look(f"{grey:.3f}", marker, SOLID)
        for name, grey, marker in zip(names, greys, cycle("osD^vPXp*<>hd"), strict=False)
    }
