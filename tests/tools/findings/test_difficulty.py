"""Findings on a harder task, on measures of which the cost is known: a point more for each tenfold ratio."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from imbalance.data.tables import write
from imbalance.studies.collect import stacked
from imbalance.studies.contrasts import Source
from tests.builders.measures import conditions, grid
from tools.findings import difficulty
from tools.studies import STUDIES

MINUS = "\N{MINUS SIGN}"
HARDER, EASIER = "fashion_step", "mnist_step"


@pytest.fixture(autouse=True)
def _studies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = stacked(conditions(), grid())
    imbalanced = table["rho"] > 1
    table.loc[imbalanced, "value"] += 0.001 * (-1.0) ** table["replicate"]  # so that costs vary
    harder = table[(table["mu"] == 0.5) & (table["budget"] < 1) & (table["rho"] <= 1000)]
    harder = harder[harder["method"] == "baseline"].drop(columns="budget")
    harder["value"] -= 0.01 * np.log10(harder["rho"])
    for name, measures in {HARDER: harder, EASIER: table}.items():
        folder = tmp_path / "studies" / name
        (folder / "plots/study").mkdir(parents=True)
        shutil.copy(STUDIES / name / "params.yaml", folder)
        write(measures, folder / "plots/study/measures.csv")
    monkeypatch.chdir(tmp_path)


def test_costs_and_what_they_are_above_those_of_the_easier_task() -> None:
    text = " ".join(difficulty.sentences(HARDER))
    assert "On a balanced training set, the baseline's accuracy is 85.0 %; on MNIST it is 85.0 %." in text
    fall = f"{MINUS}2.00 ({MINUS}2.00 to {MINUS}2.00)"  # one point of the builder's, and one here
    assert f"The baseline's AUC falls with ρ: for each tenfold ρ by {fall}." in text
    ours = f"{MINUS}3.00 ({MINUS}3.18 to {MINUS}2.82)"
    theirs = f"{MINUS}2.00 ({MINUS}2.18 to {MINUS}1.82)"
    assert (
        f"at ρ = 10, μ = 0.5, the baseline's AUC and accuracy change by {ours} and {ours}; on MNIST" in text
    )
    assert f"by {theirs} and {theirs}." in text
    more = f"{MINUS}1.00 ({MINUS}1.20 to {MINUS}0.80) at ρ = 10; {MINUS}2.00 ({MINUS}2.20 to {MINUS}1.80)"
    assert "costs in AUC is smaller at 0 of 3 conditions and larger at 3 than on MNIST" in text
    assert more in text
    assert "Thresholding changes the baseline's accuracy by +5.00 (+5.00 to +5.00) at ρ = 10" in text


def test_two_data_sets_are_not_paired() -> None:
    def source(costs: list[float]) -> Source:
        rows = [
            (rho, 0.5, "baseline", replicate, "auc", "any", 0.9 - (cost if rho > 1 else 0))
            for replicate, cost in enumerate(costs)
            for rho in (1.0, 10.0)
        ]
        names = ["rho", "mu", "method", "replicate", "measure", "rule", "value"]
        return Source(pd.DataFrame(rows, columns=names))

    harder, easier = [0.05, 0.07, 0.06], [0.01, 0.02, 0.01, 0.03]
    found = difficulty.excess(source(harder), source(easier), ("auc", "any"))[10.0]
    known = stats.ttest_ind(np.negative(harder), np.negative(easier), equal_var=False).confidence_interval()
    assert (found.low, found.high) == pytest.approx((known.low, known.high))
