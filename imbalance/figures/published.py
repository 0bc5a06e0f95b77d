"""The figure of what methods change of the baseline's measures, beside what they do in a paper."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from imbalance.figures.drawing import (
    BLACK,
    DOTTED,
    GREY,
    NARROW,
    canvas,
    headline,
    label,
    legend,
    looks,
    percentage_points,
    replicates_of,
)


def differences(
    table: pd.DataFrame, measures: Mapping[str, str], title: str, condition: str, narrow: bool = False
) -> Figure:
    """Draw the differences from the baseline by the number of small classes, a panel a measure.

    `table` is that of `imbalance.studies.konno.beside`, and `measures` has its measures in words. Ours are
    filled markers with intervals, those published hollow ones.
    """
    methods = list(table["method"].unique())
    columns, least = (1, NARROW) if narrow else (2, 6.0)
    figure, grid = canvas(len(measures), columns, 3.4, 2.2, sharey=False, least=least)
    styles, counts = looks(methods), sorted(table["minority_classes"].unique())
    for axes in grid[-columns:]:
        axes.set_xlabel("small classes of ten")
    for axes, (measure, words) in zip(grid, measures.items(), strict=True):
        for lane, method in enumerate(methods):
            rows = table[(table["measure"] == measure) & (table["method"] == method)]
            look = styles[method]
            places = [
                counts.index(count) + 0.12 * (lane - (len(methods) - 1) / 2)
                for count in rows["minority_classes"]
            ]
            axes.errorbar(
                places,
                rows["mean"],
                yerr=[rows["mean"] - rows["low"], rows["high"] - rows["mean"]],
                color=look.color,
                linestyle="none",
                marker=look.marker,
                markersize=4.5,
                capsize=2,
                linewidth=1.2,
                label=label(method),
            )
            axes.plot(
                *(places, rows["published"]),
                color=look.color,
                linestyle="none",
                marker=look.marker,
                markersize=4.5,
                markerfacecolor="white",
                zorder=1,
            )
        axes.axhline(0, color=GREY, linewidth=0.9, linestyle=DOTTED, zorder=0)
        axes.set_title(words)
        axes.set_xticks(range(len(counts)), [str(count) for count in counts])
        axes.yaxis.set_major_formatter(percentage_points)
    grid[0].plot(
        *([], []),
        color=BLACK,
        marker="o",
        markersize=4.5,
        markerfacecolor="white",
        linestyle="none",
        label="as published (CIFAR-10)",
    )
    note = f"{condition}; minus the baseline; mean and 95 % interval of {replicates_of(table)} replicates"
    headline(figure, f"{title} (% points)", note)
    legend(figure, grid[0])
    return figure
