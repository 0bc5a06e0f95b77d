"""The figure of the advice: what each candidate changes, compared with doing nothing."""

import textwrap

import pandas as pd
from matplotlib.figure import Figure

from imbalance.figures.drawing import (
    GREY,
    NARROW,
    canvas,
    interval,
    looks,
    name_rows,
    percentage_points,
    within,
)

AXIS = "balanced accuracy, % points over doing nothing"
LETTERS = {False: 30, True: 15}  # of a name beside its row, by whether the figure is narrow


def differences(table: pd.DataFrame, names: list[str], notable: float, narrow: bool = False) -> Figure:
    """Draw the differences from doing nothing with 95 % intervals, a row for each candidate, named so.

    `table` is that of an `Advice`. Between the lines at 0 and at `notable`, a gain does not matter.
    """
    lines = [textwrap.wrap(name, LETTERS[narrow], break_on_hyphens=False) for name in names]
    row = 0.12 + 0.16 * max(map(len, lines))
    beside = [line for name in lines for line in name]
    width, least = (0.0, NARROW) if narrow else (4.2, 5.0)
    figure, (axes,) = canvas(1, 1, width, row * len(names) + 0.3, beside=beside, least=least)
    for y, row in enumerate(table.assign(cut="none").to_dict("records")):
        interval(axes, row, row["difference"], y, looks(table["method"].unique())[row["method"]])
    for place, line in ((0, "-"), (notable, ":")):
        axes.axvline(place, color=GREY, linewidth=0.8, linestyle=line, zorder=0)
    axes.set_xlim(within(axes.get_xlim(), -1, 1))
    name_rows(axes, ["\n".join(name) for name in lines])
    axes.xaxis.set_major_formatter(percentage_points)
    axes.set_xlabel("\n".join(textwrap.wrap(AXIS, 30 if narrow else 60)))
    return figure
