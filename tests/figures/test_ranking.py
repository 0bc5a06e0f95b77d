import numpy as np
import pandas as pd
import pytest

from imbalance.evaluation.statistics import summarize
from imbalance.figures.drawing import NARROW
from imbalance.figures.ranking import means, ranked, signs
from imbalance.studies.ranking import ALPHA, pairs, ranking

NOISE = np.array([-0.004, 0.001, 0.003, -0.002, 0.002])


def table(methods: int) -> pd.DataFrame:
    """A baseline, and methods of which each is better than the last, by more than the noise."""
    rows = [
        (f"method_{k}" if k else "baseline", replicate, rule, "accuracy", 0.4 + 0.1 * k + noise - lower)
        for k in range(methods)
        for replicate, noise in enumerate(np.roll(NOISE, k))
        for rule, lower in {"argmax": 0.0, "prior": 0.05}.items()
    ]
    return pd.DataFrame(rows, columns=["method", "replicate", "rule", "measure", "value"])


@pytest.mark.parametrize("methods", [1, 2, 5])
def test_all_methods_are_drawn_in_their_order(methods: int) -> None:
    values = table(methods)
    found = pairs(values, "accuracy", "argmax")
    ranks = ranking(values, "accuracy", "argmax", found)
    summary = summarize(values).assign(interval="over weights and batches, on the same images")
    figure = ranked(ranks, found, summary, "accuracy", ALPHA)
    names = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    expected = [f"method {k}" for k in range(methods - 1, 0, -1)] + ["baseline"]
    assert names == [f"{name}  {1 + rank}" for rank, name in enumerate(expected)]
    alone = means(ranks, summary, "accuracy", narrow=True)
    assert [text.get_text() for text in alone.axes[0].get_yticklabels()] == names
    assert len(alone.axes[0].containers) == len(figure.axes[0].containers) == 2 * methods
    assert " ".join(alone.get_suptitle().split()).endswith("; hollow: thresholded")
    assert alone.get_figwidth() == pytest.approx(NARROW)
    cells = signs(list(ranks["method"]), found, ALPHA)
    assert cells.tolist() == (np.triu(np.ones((methods, methods)), 1) * 2 + np.eye(methods) - 1).tolist()


def test_what_is_not_significant_has_no_colour() -> None:
    found = pd.DataFrame({"method": ["a"], "other": ["b"], "difference": [0.1], "p_holm": [0.051]})
    assert not signs(["a", "b"], found, 0.05).any()
    assert signs(["a", "b"], found, 0.06).tolist() == [[0, 1], [-1, 0]]
