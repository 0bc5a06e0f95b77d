"""The figure of the advice: what each candidate changes, compared with doing nothing."""

import pandas as pd
from matplotlib.figure import Figure

from imbalance.figures.drawing import GREY, canvas, interval, looks, name_rows, percentage_points, within


def differences(table: pd.DataFrame, names: list[str], notable: float) -> Figure:
    """Draw the differences from doing nothing with 95 % intervals, a row for each candidate, named so.

    `table` is that of an `Advice`. Between the lines at 0 and at `notable`, a gain does not matter.
    """
    figure, (axes,) = canvas(1, 1, 4.2, 0.3 * len(names) + 0.3, beside=names, least=5.0)
    for y, row in enumerate(table.assign(cut="none").to_dict("records")):
        interval(axes, row, row["difference"], y, looks(table["method"].unique())[row["method"]])
    for place, line in ((0, "-"), (notable, ":")):
        axes.axvline(place, color=GREY, linewidth=0.8, linestyle=line, zorder=0)
    axes.set_xlim(within(axes.get_xlim(), -1, 1))
    name_rows(axes, names)
    axes.xaxis.set_major_formatter(percentage_points)
    axes.set_xlabel("balanced accuracy, % points over doing nothing")
    return figure
