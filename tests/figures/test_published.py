"""The figure of differences from the baseline, beside those published."""

import numpy as np
import pandas as pd
import pytest

from imbalance.figures import published

MEASURES = {"accuracy": "accuracy", "worst_recall": "lowest recall"}
# The new method is not in the paper.
TABLE = pd.DataFrame(
    [
        (measure, method, count, 6, mean * count, mean * count - 0.01, mean * count + 0.01, theirs)
        for measure in MEASURES
        for method, mean, theirs in (("old", 0.01, 0.03), ("new", -0.02, np.nan))
        for count in (1, 9)
    ],
    columns=["measure", "method", "minority_classes", "n", "mean", "low", "high", "published"],
)


@pytest.mark.parametrize("narrow", [True, False])
def test_ours_are_filled_and_theirs_hollow_at_the_same_place(narrow: bool) -> None:
    figure = published.differences(TABLE, MEASURES, "What", "made up", narrow)
    assert [axes.get_title() for axes in figure.axes] == list(MEASURES.values())
    for axes in figure.axes:
        ours = {bars.get_label(): bars.lines[0] for bars in axes.containers}
        hollow = [line for line in axes.get_lines() if line.get_markerfacecolor() == "white"]
        theirs = next(line for line in hollow if line.get_color() == ours["old"].get_color())
        assert ours["old"].get_ydata() == pytest.approx([0.01, 0.09])
        assert ours["new"].get_ydata() == pytest.approx([-0.02, -0.18])
        assert list(theirs.get_xdata()) == list(ours["old"].get_xdata())
        assert list(theirs.get_ydata()) == [0.03, 0.03]
        assert not np.intersect1d(ours["new"].get_xdata(), ours["old"].get_xdata()).size
    assert "of 6 replicates" in " ".join(figure.get_suptitle().split())
