"""The figure of a study of one condition: all methods by rank, and which of them differ."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap, Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from imbalance.figures.drawing import (
    BASELINE,
    BLACK,
    BLUE,
    GREY,
    LETTER,
    NARROW,
    ORANGE,
    Look,
    canvas,
    headline,
    heat_map,
    interval,
    label,
    lane,
    name_rows,
    percent,
    within,
)

CELL = 0.16  # inches
TITLE = 3.4  # inches: the width of the longest title of a panel
PAGE = 9.5  # inches: the width of a figure that is shown in its own size on a page


def ranked(
    ranking: pd.DataFrame, pairs: pd.DataFrame, summary: pd.DataFrame, measure: str, alpha: float
) -> Figure:
    """Draw the methods by rank: their means with 95 % intervals, and a matrix of significant differences.

    `ranking` and `pairs` are those of imbalance/studies/ranking.py; `summary` has the means of all decision
    rules. A row of the matrix is better (blue) or worse (orange) than a column, or undecided (white).
    """
    methods = list(ranking["method"])
    side = CELL * len(methods)
    figure, (axes, matrix) = canvas(2, 2, max(side, TITLE), side, beside=methods, sharex=False)
    covered = _draw_means(axes, methods, summary, measure)
    heat_map(
        matrix,
        signs(methods, pairs, alpha),
        Normalize(-1, 1),
        ListedColormap([ORANGE, "white", BLUE]),
        "auto",
    )
    matrix.set_title("row better (blue) or worse (orange) than column")
    matrix.set_xticks(range(len(methods)), [str(1 + rank) for rank in range(len(methods))], fontsize=5.5)
    _grid(matrix, len(methods))
    n = ranking["n"].max()
    headline(
        figure,
        f"Methods by their mean rank in {label(measure)} under argmax",
        f"{n} replicates, paired; means with 95 % intervals, {covered}; a difference is "
        f"drawn where p < {alpha:g} after Holm's correction for all {len(pairs):,} pairs; no colour does not "
        "mean that two methods are equal",
    )
    return figure


def means(ranking: pd.DataFrame, summary: pd.DataFrame, measure: str, narrow: bool = False) -> Figure:
    """Draw the methods by rank: their means with 95 % intervals alone, as `ranked` does."""
    methods = list(ranking["method"])
    beside = LETTER * max(len(method) + 4 for method in methods)
    width = (NARROW if narrow else PAGE) - 0.8 - beside
    figure, (axes,) = canvas(1, 1, width, max(CELL * len(methods), 1), beside=methods, least=NARROW)
    covered = _draw_means(axes, methods, summary, measure)
    axes.set_title("")  # which is wider than a narrow figure
    hollow = "; hollow: thresholded" if "prior" in set(summary["rule"]) else ""
    headline(
        figure,
        f"Methods by their mean rank in {label(measure)} under argmax",
        f"{label(measure)}: means of {ranking['n'].max()} replicates with 95 % intervals, {covered}{hollow}",
    )
    return figure


def _draw_means(axes: Axes, methods: list[str], summary: pd.DataFrame, measure: str) -> str:
    """Draw the means and intervals of the methods, a row each; return what the intervals are over."""
    rows = summary[(summary["measure"] == measure) & summary["method"].isin(methods)]
    rules = sorted(rows["rule"].unique())
    for row in rows.to_dict("records"):
        y = methods.index(row["method"]) + lane(row["rule"], rules)
        interval(axes, row, row["mean"], y, Look(BLACK if row["method"] == BASELINE else BLUE, "o", (0, ())))
    axes.set_xlim(within(axes.get_xlim(), 0, 1))
    axes.xaxis.set_major_formatter(percent)
    axes.set_title(f"{label(measure)} (hollow: thresholded)" if "prior" in rules else label(measure))
    name_rows(axes, [f"{label(method)}  {1 + rank}" for rank, method in enumerate(methods)])
    return str(rows["interval"].iloc[0])


def signs(methods: list[str], pairs: pd.DataFrame, alpha: float) -> NDArray[np.float64]:
    """Return whether a row's method is significantly better (1) or worse (-1) than a column's, or neither."""
    cells = np.zeros((len(methods), len(methods)))
    for row in pairs[pairs["p_holm"] < alpha].to_dict("records"):
        here, there = methods.index(row["method"]), methods.index(row["other"])
        cells[here, there] = np.sign(row["difference"])
        cells[there, here] = -cells[here, there]
    return cells


def _grid(axes: Axes, size: int) -> None:
    """Draw thin lines between the cells, and the diagonal."""
    for edge in np.arange(size + 1) - 0.5:
        axes.axhline(edge, color=GREY, linewidth=0.2)
        axes.axvline(edge, color=GREY, linewidth=0.2)
    axes.plot([-0.5, size - 0.5], [-0.5, size - 0.5], color=GREY, linewidth=0.6)
