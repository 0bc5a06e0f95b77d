"""Parts of figures, and the appearance of methods, which is the same in all figures.

Colour-blind readers can distinguish the colours (Okabe & Ito 2008), and nothing depends on colour alone:
methods also differ in marker and line style. Draw and save figures under `STYLE`.
"""

import math
import textwrap
from collections.abc import Hashable, Iterable, Sequence
from itertools import cycle
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.markers import CARETLEFT, CARETRIGHT
from numpy.typing import NDArray

STYLE: dict[str, Any] = {
    "axes.formatter.useoffset": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 8.5,
    "figure.titlesize": 9.5,
    "font.size": 8.5,
    "legend.frameon": False,
    "legend.handlelength": 2.4,
    "svg.hashsalt": "imbalance",
    "text.parse_math": False,  # a name may contain a dollar sign
}
BLACK, GREY, ORANGE, SKY = "#000000", "#999999", "#E69F00", "#56B4E9"
GREEN, BLUE, RED, PURPLE = "#009E73", "#0072B2", "#D55E00", "#CC79A7"
SOLID, DASHED, DOTTED = (0, ()), (0, (5, 1.5)), (0, (1, 1))
LETTER = 0.075  # width of a letter, in inches
NARROW = 4.2  # inches: the width of a figure that a telephone shows in its own size
FEW_CLASSES = 20  # classes, at most, for which each cell has room for a number
BASELINE = "baseline"
HALVES: dict[str, Literal["left", "top", "bottom"]] = {
    "logit_adjustment": "left",
    "threshold": "top",
    "deployment": "bottom",
}


class Look(NamedTuple):
    """The colour, marker and line style of a method."""

    color: str
    marker: str
    line: tuple[float, Sequence[float]]


def looks(methods: Iterable[str]) -> dict[str, Look]:
    """Return the look of each method: the baseline is a black circle.

    Up to 42 others differ in colour or marker, and up to 30 in colour or line style.
    """
    colors, markers = cycle([ORANGE, BLUE, GREEN, RED, SKY, PURPLE]), cycle("s^DvPXp")
    lines = cycle([DASHED, SOLID, DOTTED, (0, (6, 1, 1, 1)), (0, (3, 1, 1, 1, 1, 1))])
    others = (method for method in methods if method != BASELINE)
    chosen = zip(others, map(Look, colors, markers, lines), strict=False)
    return {BASELINE: Look(BLACK, "o", SOLID)} | dict(chosen)


def label(key: str) -> str:
    """Return a key in words: two_phase_over -> "two phase over"."""
    return "thresholding (prior)" if key == "prior" else key.replace("_", " ")


def percent(value: float, _: float) -> str:
    """Return a share as a tick label: 0.0001 -> "0.01%"."""
    return f"{100 * value:.4g}%"


def percentage_points(difference: float, _: float) -> str:
    """Return a difference of shares as a tick label in percentage points: -0.04 -> "-4", with U+2212."""
    return f"{100 * difference:.4g}".replace("-", "\N{MINUS SIGN}")


def p_value(p: float, n: int) -> str:
    """Return a p-value as text; "no test" if it is NaN for n replicates, or "" if n is 1."""
    if math.isnan(p):
        return "no test" if n > 1 else ""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def span(values: pd.Series, unit: str = "") -> str:
    """Return the smallest and the largest half-width, to two digits: "± 0.2 to 0.43"; "" if all are NaN."""
    ends = list(dict.fromkeys(f"{value:.2g}" for value in (values.min(), values.max())))
    return f"±\N{NO-BREAK SPACE}{' to '.join(ends)}{unit}" if values.notna().any() else ""


def replicates_of(table: pd.DataFrame) -> str:
    """Return the numbers of replicates of a table's rows, `n`: "6", or "6 to 8"."""
    return " to ".join(map(str, dict.fromkeys((table["n"].min(), table["n"].max()))))


def canvas(
    panels: int,
    columns: int,
    width: float,
    height: float,
    *,
    beside: Iterable[str] = (),
    below: Iterable[str] = (),
    sharex: bool = True,
    sharey: bool = True,
    least: float = 6.0,
) -> tuple[Figure, list[Axes]]:
    """Make a figure of `panels` axes, `columns` in a row, each width x height inches, with room for names.

    It is at least `least` inches wide.
    """
    columns, rows = max(1, columns), max(1, math.ceil(panels / max(1, columns)))
    left, bottom = (LETTER * max(map(len, names), default=0) for names in (beside, below))
    named = 1 + (not sharex or panels % columns > 0) * (rows > 1)  # rows of panels with names below them
    size = max(least, 0.8 + left + columns * width), 0.5 + named * bottom + rows * height
    figure = Figure(figsize=size, layout="constrained")
    grid: list[Axes] = []
    for index in range(panels):
        first = grid[0] if grid else None
        shared = {"sharex": first if sharex else None, "sharey": first if sharey else None}
        axes = figure.add_subplot(rows, columns, index + 1, **shared)
        axes.tick_params(
            labelleft=not sharey or index % columns == 0, labelbottom=not sharex or index + columns >= panels
        )
        grid.append(axes)
    return figure, grid


def headline(figure: Figure, title: str, note: str) -> None:
    """Write title and note above the figure, which grows by these lines."""
    lines = [title, *textwrap.wrap(note, int(figure.get_figwidth() / LETTER), break_on_hyphens=False)]
    figure.suptitle("\n".join(lines), x=0.01, ha="left")
    figure.set_figheight(figure.get_figheight() + 0.17 * len(lines))


def legend(figure: Figure, axes: Axes) -> None:
    """Draw the legend of `axes` below all panels, in even rows; the figure grows by them."""
    handles, names = axes.get_legend_handles_labels()
    rows = math.ceil(len(names) / max(1, int(figure.get_figwidth() / (0.6 + LETTER * max(map(len, names))))))
    figure.legend(handles, names, loc="outside lower left", ncols=math.ceil(len(names) / rows))
    figure.set_figheight(figure.get_figheight() + 0.1 + 0.19 * rows)


def name_rules(figure: Figure, axes: Axes, rules: Sequence[str]) -> None:
    """Draw the legend of the markers' fill, if there are several decision rules."""
    for rule in rules:
        (key,) = axes.plot([], [], color=BLACK, marker="o", markersize=5, label=label(rule))
        fill(key, rule)
    if len(rules) > 1:
        legend(figure, axes)


def name_columns(axes: Axes, classes: Sequence[str], width: float, some: Iterable[int] | None = None) -> None:
    """Write the names of the classes, or of `some` of them, below their columns, horizontally if they fit.

    `width` is that of all columns, in inches.
    """
    some, size = list(some or range(len(classes))), 6.5 if len(classes) > FEW_CLASSES else 8.5
    names = [classes[index] for index in some]
    flat = LETTER * size / 8.5 * (max(map(len, names)) + 1) <= width / len(some)
    axes.set_xticks(some, names, rotation=0 if flat else 90, fontsize=size)


def name_rows(axes: Axes, methods: Sequence[str]) -> None:
    """Write the name of each method beside its row, the first at the top."""
    axes.set_yticks(range(len(methods)), [label(method) for method in methods])
    axes.set_ylim(len(methods) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)


def lane(rule: str, rules: Sequence[str]) -> float:
    """Return how far below the middle of its row a rule is drawn."""
    return 0.44 * (rules.index(rule) / (len(rules) - 1) - 0.5) if rule in rules and len(rules) > 1 else 0


def interval(axes: Axes, row: dict[Hashable, Any], mean: float, y: float, look: Look) -> None:
    """Draw a mean and its interval, if there is one, with an arrow where the interval is cut."""
    errors = [[mean - row["low"]], [row["high"] - mean]]
    bar = axes.errorbar(mean, y, xerr=errors, color=look.color, linewidth=1.2, capsize=2, clip_on=False)
    bar.lines[0].set(marker=look.marker, markersize=5)
    fill(bar.lines[0], row["rule"])
    for end, arrow in (("low", CARETLEFT), ("high", CARETRIGHT)):
        if row["cut"] in (end, "both"):
            axes.plot(row[end], y, color=look.color, marker=arrow, markersize=6, clip_on=False)


def within(view: tuple[float, float], low: float, high: float) -> tuple[float, float]:
    """Clip the limits of an axis to the range from `low` to `high` of the measure on it."""
    return max(low, view[0]), min(high, view[1])


def fill(marker: Line2D, rule: str) -> None:
    """Fill a marker by its decision rule: thresholding by priors is hollow, others are half filled."""
    marker.set_fillstyle(HALVES.get(rule, "full"))
    marker.set_markerfacecolor("white" if rule == "prior" else marker.get_color())
    marker.set_markerfacecoloralt("white")


def heat_map(
    axes: Axes,
    cells: NDArray[np.float64],
    norm: Normalize,
    cmap: str | Colormap,
    aspect: Literal["equal", "auto"],
) -> AxesImage:
    """Draw cells as colours, without a frame."""
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    return axes.imshow(cells, norm=norm, cmap=cmap, aspect=aspect, interpolation="nearest")


def color_bar(figure: Figure, grid: Sequence[Axes], image: AxesImage) -> None:
    """Draw the colour bar of all panels, not longer than is useful."""
    height = min(5.0, figure.get_figheight())
    shrink, extend = height / figure.get_figheight(), "min" if isinstance(image.norm, LogNorm) else "neither"
    figure.colorbar(
        image, ax=grid, format=percent, anchor=(0, 1), shrink=shrink, aspect=8 * height, extend=extend
    )
