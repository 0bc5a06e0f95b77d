"""The figure of the spread between replicates by source."""

import pytest

from imbalance.figures import variance
from imbalance.studies.variance import spread
from tests.builders.measures import DESIGN, designed

TABLE = spread(designed(classes=0.03, rest=0.004))


@pytest.mark.parametrize("narrow", [True, False])
def test_each_source_is_a_row_with_a_mark_for_each_method_in_each_panel(narrow: bool) -> None:
    figure = variance.by_source(TABLE, narrow)
    auc, accuracy, thresholded = figure.axes
    assert [axes.get_title() for axes in figure.axes] == [
        "ROC AUC",
        "accuracy, argmax",
        "accuracy, thresholding (prior)",
    ]
    shown = TABLE[(TABLE["measure"] == "accuracy") & (TABLE["rule"] == "prior")]
    points = sorted(
        (float(line.get_xdata()[0]), round(float(line.get_ydata()[0])))
        for line in thresholded.get_lines()
        if line.get_marker() in "os^" and len(line.get_xdata())
    )
    rows = list(variance.NAMES)
    expected = sorted((row.std, rows.index(row.source)) for row in shown.itertuples(index=False))
    assert [row for _, row in points] == [row for _, row in expected]
    assert [x for x, _ in points] == pytest.approx([x for x, _ in expected])
    assert auc.get_xlim()[1] < accuracy.get_xlim()[1], "each measure has an axis of its own"
    assert variance.draws(TABLE) == DESIGN
    assert "6 draws of the small classes, 2 of images for each" in " ".join(figure.get_suptitle().split())
