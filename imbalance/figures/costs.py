"""The figure of what imbalance costs the baseline on several tasks."""

import pandas as pd
from matplotlib.figure import Figure

from imbalance.figures.drawing import (
    DOTTED,
    GREY,
    NARROW,
    canvas,
    headline,
    legend,
    looks,
    percentage_points,
    replicates_of,
)
from imbalance.figures.study import AXES, TITLES


def by_task(table: pd.DataFrame, condition: str, narrow: bool = False) -> Figure:
    """Draw what imbalance costs the baseline over its ratio, with a line for each task, a panel a measure.

    `table` has the columns of imbalance/studies/costs.py, and task; `condition` says what is the same in all
    rows.
    """
    measures, tasks = list(table["measure"].unique()), list(table["task"].unique())
    columns, least = (1, NARROW) if narrow else (len(measures), 6.0)
    figure, grid = canvas(len(measures), columns, 3.2, 2.4, sharey=False, least=least)
    styles = looks(["baseline", *tasks])  # black is the baseline's, and no task's
    for axes, measure in zip(grid, measures, strict=True):
        for task in tasks:
            rows = table[(table["measure"] == measure) & (table["task"] == task)].sort_values("rho")
            look = styles[task]
            axes.plot(
                *(rows["rho"], rows["mean"]),
                color=look.color,
                linestyle=look.line,
                marker=look.marker,
                markersize=4,
                linewidth=1.2,
                label=task,
            )
            axes.fill_between(
                rows["rho"], rows["low"], rows["high"], color=look.color, alpha=0.13, linewidth=0
            )
        axes.axhline(0, color=GREY, linewidth=0.9, linestyle=DOTTED, zorder=0)
        axes.set_title(TITLES[measure])
        axes.set_xlabel(AXES["rho"])
        axes.yaxis.set_major_formatter(percentage_points)
    ratios = sorted(table["rho"].unique())
    grid[0].set_xscale("log")
    grid[0].minorticks_off()
    grid[0].set_xticks(ratios, [f"{ratio:,g}" for ratio in ratios])
    headline(
        figure,
        "What imbalance costs the baseline, by task (% points)",
        f"{condition}; minus the same network's on a balanced training set with as many images in the "
        f"largest class; mean and 95 % interval of {replicates_of(table)} replicates",
    )
    legend(figure, grid[0])
    return figure
