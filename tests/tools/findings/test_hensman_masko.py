"""Findings on slight imbalance, on accuracies that are known."""

from pathlib import Path

import pandas as pd
import pytest

from imbalance.data.tables import write
from tools.findings import hensman_masko
from tools.studies import STUDIES

MINUS = "\N{MINUS SIGN}"
FOLDER = Path("studies/hensman_masko")
# By distribution and method: the accuracies of two replicates, whose differences are the same in both.
ACCURACIES = {
    ("D1", "baseline"): (0.70, 0.72),
    ("D3", "baseline"): (0.66, 0.68),
    ("D3", "oversampling"): (0.69, 0.71),
    ("D5", "baseline"): (0.71, 0.73),
    ("D5", "oversampling"): (0.61, 0.63),
    ("D9", "baseline"): (0.70, 0.72),
    ("D9", "oversampling"): (0.70, 0.72),
}


@pytest.fixture
def _study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / FOLDER / "plots/study").mkdir(parents=True)
    (tmp_path / FOLDER / "params.yaml").write_text((STUDIES / "hensman_masko/params.yaml").read_text())
    monkeypatch.chdir(tmp_path)
    rows = [
        (name, method, replicate, "argmax", "accuracy", value)
        for (name, method), values in ACCURACIES.items()
        for replicate, value in enumerate(values)
    ]
    columns = ["imbalance", "method", "replicate", "rule", "measure", "value"]
    write(pd.DataFrame(rows, columns=columns), FOLDER / "plots/study/measures.csv")
    columns = ["method", "replicate", "base_lr", "draw", "state", "validation_auc", "test_auc", "kept"]
    for name, states in {"D1": ["trained"], "D5": ["stuck", "stuck", "trained"]}.items():
        trials = [("baseline", r, 0.1, 0, state, None, 0.9, True) for r, state in enumerate(states)]
        write(pd.DataFrame(trials, columns=columns), FOLDER / f"plots/tables/imbalance={name}/trials.csv")


@pytest.mark.usefixtures("_study")
def test_costs_gains_and_stuck_networks() -> None:
    text = " ".join(hensman_masko.sentences("hensman_masko"))
    assert "2 of 4 networks are stuck, no better than a guess: 2 of 3 of baseline at D5." in text
    assert "D3 costs the baseline +4.00 (+4.00 to +4.00) points of accuracy" in text
    assert f"D5 costs the baseline {MINUS}1.00 ({MINUS}1.00 to {MINUS}1.00) points" in text
    assert "Oversampling raises the accuracy at D3, by +3.00 (+3.00 to +3.00)" in text
    assert f"is then {MINUS}1.00 ({MINUS}1.00 to {MINUS}1.00)." in text
    assert f"Oversampling lowers the accuracy at D5, by {MINUS}10.00" in text


@pytest.mark.usefixtures("_study")
def test_ours_stands_beside_what_was_published() -> None:
    rows = hensman_masko.table("hensman_masko").splitlines()
    assert rows[2] == "| D1 | all classes 10 % | 71.00 |  | 73 |  |"
    assert rows[4] == "| D5 | the first class 14.5 %, nine 9.5 % | 72.00 | 62.00 | 10 | 73 |"
