"""The figure of what imbalance costs by task."""

import pandas as pd
import pytest

from imbalance.figures import costs

TABLE = pd.DataFrame(
    [
        (task, measure, rho, 6, mean, mean - 0.01, mean + 0.01)
        for measure, scale in {"auc": 1, "accuracy": 10}.items()
        for task, rhos in {"easy": (10, 100), "hard": (10, 50)}.items()
        for rho, mean in zip(rhos, (-0.01 * scale, -0.02 * scale), strict=True)
    ],
    columns=["task", "measure", "rho", "n", "mean", "low", "high"],
)


@pytest.mark.parametrize("narrow", [True, False])
def test_each_task_is_a_line_in_each_panel_on_an_axis_of_its_own(narrow: bool) -> None:
    figure = costs.by_task(TABLE, "made up", narrow)
    auc, accuracy = figure.axes
    for axes, last in ((auc, -0.02), (accuracy, -0.2)):
        easy, hard = (line for line in axes.get_lines() if line.get_label() in ("easy", "hard"))
        assert (easy.get_xdata()[-1], easy.get_ydata()[-1]) == (100, pytest.approx(last))
        assert (hard.get_xdata()[-1], hard.get_ydata()[-1]) == (50, pytest.approx(last))
    assert auc.get_ylim()[0] > -0.1 > accuracy.get_ylim()[0]
    assert "6 replicates" in figure.get_suptitle()
