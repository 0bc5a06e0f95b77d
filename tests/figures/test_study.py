import itertools

import matplotlib.style
import numpy as np
import pytest
from matplotlib.figure import Figure

from imbalance.figures.drawing import STYLE, looks
from imbalance.figures.study import _shades, lines
from imbalance.studies.collect import stacked
from imbalance.studies.lines import differences, over
from tests.builders.measures import METHODS, auc, comparisons, grid, summaries

COVERED = "over weights and batches, on the same training and test images"


def draw(x: str, measure: str, difference: bool = False) -> Figure:
    with matplotlib.style.context(["default", STYLE]):
        if difference:
            table = differences(x, stacked(comparisons(), grid()), grid(), measure)
        else:
            table = over(x, stacked(summaries(), grid()), grid(), measure)
        figure = lines(table, x, measure, COVERED, difference)
        figure.draw_without_rendering()
        return figure


def words(figure: Figure) -> str:
    texts = [figure.get_suptitle(), *(text.get_text() for axes in figure.axes for text in axes.texts)]
    legends = [text.get_text() for legend in figure.legends for text in legend.get_texts()]
    return " ".join(" ".join([*texts, *legends]).split())


def test_a_panel_for_each_fraction_and_a_row_for_each_rule() -> None:
    assert [axes.get_title(loc="left") for axes in draw("rho", "auc").axes] == [
        "μ = 0.1",
        "μ = 0.5",
        "μ = 0.9",
    ]
    titles = [axes.get_title(loc="left") for axes in draw("mu", "accuracy").axes]
    assert titles == [
        f"ρ = {rho}, {rule}" for rule in ("argmax", "thresholding (prior)") for rho in (10, 100, 1000)
    ]


def test_lines_are_the_means_in_the_look_of_their_method() -> None:
    axes = draw("rho", "auc").axes[1]
    whole = [line for line in axes.lines if np.size(line.get_xdata()) == 4]
    for line, method in zip(whole, METHODS, strict=True):
        assert line.get_xdata().tolist() == [10, 100, 1000, 5000]  # type: ignore[union-attr]
        expected = [auc(method, rho, 0.5, 0.1) for rho in (10, 100, 1000, 5000)]
        assert line.get_ydata().tolist() == pytest.approx(expected)  # type: ignore[union-attr]
        look = looks(METHODS)[method]
        assert (line.get_color(), line.get_marker()) == (look.color, look.marker)


def test_the_ratio_is_on_a_logarithmic_axis_with_its_values_as_ticks() -> None:
    axes = draw("rho", "auc").axes[0]
    assert axes.get_xscale() == "log"
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["10", "100", "1,000", "5,000"]
    assert draw("mu", "auc").axes[0].get_xscale() == "linear"


def test_few_lines_are_named_at_their_ends_and_names_do_not_overlap() -> None:
    figure = draw("rho", "auc")
    names = [text for axes in figure.axes for text in axes.texts]
    assert {text.get_text() for text in names} == {name.replace("_", " ") for name in METHODS}
    boxes = sorted((text.get_window_extent() for text in names), key=lambda box: box.y0)
    assert all(lower.y1 <= upper.y0 + 1 for lower, upper in itertools.pairwise(boxes))
    assert all(box.y1 <= figure.bbox.y1 and box.x1 <= figure.bbox.x1 for box in boxes)


def test_marks_beside_the_grid_and_the_balanced_set_are_explained() -> None:
    said = words(draw("rho", "auc"))
    assert "budget = 1" in said
    assert "baseline on a balanced set" in said
    assert f"mean and 95 % interval of 4 replicates, {COVERED}" in said


def test_differences_are_from_zero_and_not_of_the_balanced_set() -> None:
    said = words(draw("rho", "accuracy", difference=True))
    assert said.startswith("Difference from the baseline: accuracy over the imbalance ratio ρ (% points)")
    assert "balanced" not in said


def test_more_lines_than_markers_are_drawn() -> None:
    names = [f"rho = {value}" for value in range(20)]
    assert len({look.color for look in _shades(names).values()}) == 20
