from imbalance.studies.collect import stacked
from imbalance.studies.latex import table
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
