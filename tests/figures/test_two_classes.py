"""The figures of two classes: every point and bar is where the tables say."""

from collections.abc import Iterator

import matplotlib.style
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from imbalance.figures.drawing import STYLE
from imbalance.figures.run import draw
from imbalance.figures.two_classes import operating, reliability
from tests.builders.figures import study

METHODS, RULES = ["baseline", "oversampling"], ["argmax", "prior", "deployment", "threshold"]


@pytest.fixture(autouse=True)
def _style() -> Iterator[None]:
    with matplotlib.style.context(["default", STYLE]):
        yield


@pytest.fixture
def tables() -> dict[str, pd.DataFrame]:
    """Made-up tables of two classes, whose values all differ."""
    rng = np.random.default_rng(0)
    points = pd.DataFrame(
        [(method, replicate, rule) for method in METHODS for replicate in range(2) for rule in RULES],
        columns=["method", "replicate", "rule"],
    )
    names = ["sensitivity", "specificity", "positive_predictive_value"]
    points[names] = rng.uniform(size=(len(points), 3))
    grid = np.linspace(0, 1, 11)
    curves = [
        pd.DataFrame({"method": method, "curve": curve, "x": grid, "y": np.sort(rng.uniform(size=11))})
        for method in METHODS
        for curve in ("roc", "precision_recall")
    ]
    bins = points[(points["replicate"] == 0) & (points["rule"] != "threshold")][["method", "rule"]]
    bins = bins.assign(
        probability=rng.uniform(size=len(bins)), share=0.5, low=0.25, high=0.875, mean_images=9.0
    )
    return {"working_points": points, "curves": pd.concat(curves), "reliability": bins}


def markers(axes: Axes) -> set[tuple[float, float]]:
    """The points that are drawn singly."""
    found = (line.get_xydata() for line in axes.lines)
    return {tuple(np.round(each[0], 6)) for each in found if len(each) == 1}


def test_a_marker_is_the_mean_working_point_of_a_rule(tables: dict[str, pd.DataFrame]) -> None:
    figure = operating(tables["working_points"], tables["curves"])
    means = (
        tables["working_points"]
        .groupby(["method", "rule"])[["sensitivity", "specificity", "positive_predictive_value"]]
        .mean()
    )
    roc, precision = figure.axes
    false_alarms = 1 - means["specificity"]
    assert markers(roc) == set(zip(false_alarms.round(6), means["sensitivity"].round(6), strict=True))
    pairs = zip(means["sensitivity"].round(6), means["positive_predictive_value"].round(6), strict=True)
    assert markers(precision) == set(pairs)
    curve = tables["curves"].query("method == 'oversampling' and curve == 'roc'")
    assert any(np.array_equal(line.get_ydata(), curve["y"]) for line in roc.lines)
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [
        *METHODS,
        *("argmax", "thresholding (prior)", "deployment", "threshold"),
    ]


def test_reliability_has_a_panel_for_each_method_and_rule_with_probabilities(
    tables: dict[str, pd.DataFrame],
) -> None:
    figure = reliability(tables["reliability"], "stuck networks are left out (baseline 1 of 6)")
    assert len(figure.axes) == 6
    for axes, row in zip(figure.axes, tables["reliability"].itertuples(), strict=True):
        assert row.method in axes.get_title(loc="left")
        assert markers(axes) == {(round(row.probability, 6), 0.5)}
        ((segment,),) = (each.get_segments() for each in axes.collections)
        assert segment[:, 1].tolist() == pytest.approx([0.25, 0.875])
    assert "left out" in figure.get_suptitle()


def test_more_classes_have_neither(tables: dict[str, pd.DataFrame]) -> None:
    of_run = study(METHODS, ["cat", "dog"], 2)
    drawn: dict[str, Figure] = draw(of_run | tables)
    assert drawn.keys() - draw(of_run).keys() == {"operating", "reliability"}
