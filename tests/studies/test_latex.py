import pandas as pd

from imbalance.studies.collect import stacked
from imbalance.studies.latex import ranks, table
from imbalance.studies.lines import over
from tests.builders.measures import grid, summaries


def test_a_row_for_each_point_and_a_column_for_each_line() -> None:
    text = table(over("rho", stacked(summaries(), grid()), grid(), "auc"), "rho")
    lines = text.splitlines()
    assert lines[0] == r"\begin{tabular}{llrrrrrr}"
    assert (
        r"$\rho$ & baseline & oversampling & undersampling & two\_phase\_over & two\_phase\_under" in lines[2]
    )
    (row,) = [line for line in lines if line.startswith(r"$\mu$ = 0.9 & grid & 100 &")]
    assert row.split(" & ")[3] == r"$91.20 \pm 0.41$"
    assert len([line for line in lines if "budget = 1" in line]) == 1


def test_nothing_in_it_needs_more_than_latex_knows() -> None:
    text = table(over("mu", stacked(summaries(), grid()), grid(), "accuracy"), "mu")
    assert text.isascii()
    assert "baseline, prior" in text


def test_ranks_are_a_row_each() -> None:
    ranking = pd.DataFrame(
        {"method": ["two_phase", "baseline"], "n": 8, "mean": [0.81234, 0.5], "rank": [1.25, 2.0]}
    ).assign(better_than=[1, 0], worse_than=[0, 1])
    text = ranks(ranking)
    assert "method & mean & rank & better than & worse than" in text
    assert "two phase & $81.23$ & $1.2$ & 1 & 0" in text


def test_the_half_of_a_cut_interval_is_that_of_the_other_side() -> None:
    cut = {"panel": "all", "line": "m", "rule": "any", "beside": "grid", "mu": 0.1, "n": 4}
    lines = pd.DataFrame([cut | {"mean": 0.86, "low": 0.67, "high": 1.0}])
    assert r"$86.00 \pm 19.00$" in table(lines, "mu")
