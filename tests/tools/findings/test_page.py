"""Findings on measures whose effects are known, and on the committed ones."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from imbalance.data.tables import write
from imbalance.studies.collect import stacked
from tests.builders.measures import conditions, grid
from tools.findings import step
from tools.findings.page import FINDINGS, page
from tools.pages import FINDINGS as MARKS
from tools.pages import with_generated
from tools.studies import STUDIES

MINUS = "\N{MINUS SIGN}"


@pytest.fixture
def measures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    """The long table of a study, in whose folder the test runs; its full schedule is that of one condition."""
    (tmp_path / "studies/mnist_step").mkdir(parents=True)
    shutil.copy(STUDIES / "mnist_step/params.yaml", tmp_path / "studies/mnist_step")
    monkeypatch.chdir(tmp_path)
    return stacked(conditions(), grid())


def found(measures: pd.DataFrame) -> str:
    write(measures, Path("studies/mnist_step/plots/study/measures.csv"))
    return " ".join(" ".join(step.sentences("mnist_step")).split())


def test_the_numbers_are_the_known_ones(measures: pd.DataFrame) -> None:
    text = found(measures)
    fall = f"{MINUS}1.00 ({MINUS}1.00 to {MINUS}1.00)"
    assert (
        f"The baseline's AUC falls with ρ: for each tenfold ρ by {fall} at μ = 0.1; {fall} at μ = 0.5" in text
    )
    assert f"It falls with μ: for each minority class more by {MINUS}0.20 (" in text
    cost = f"{MINUS}4.00 ({MINUS}4.00 to {MINUS}4.00)"  # three tenfolds, and half of the classes
    assert f"changes the baseline by {cost} of AUC and {cost} of accuracy at ρ = 1,000, μ = 0.5." in text
    assert "AUC of oversampling against the baseline's: above at 10 of 10 conditions and below at 0" in text
    assert "Thresholding everywhere raises the baseline's accuracy: above at 10 of 10 conditions" in text
    assert "Undersampling's own AUC at μ = 0.9 minus that at μ = 0.1 is +0.00 (" in text


def test_what_the_full_schedule_changes_is_said_of_its_conditions(measures: pd.DataFrame) -> None:
    text = found(measures)
    change = "+0.10 (+0.10 to +0.10) at ρ = 100, μ = 0.5."
    assert f"The full schedule changes the AUC of the baseline by {change}" in text
    assert "It changes the AUC of the other methods by +0.10 (+0.10 to +0.10) (oversampling, ρ = 100" in text
    raised = "+5.00 (+5.00 to +5.00) at ρ = 100, μ = 0.5."
    assert f"At the full schedule, thresholding changes the baseline's accuracy by {raised}" in text
    above = "AUC of oversampling against the baseline's: above at 1 of 1 conditions and below at 0"
    assert f"At the full schedule, {above}" in text
    assert "On the balanced training set" not in text
    more = measures[(measures["rho"] == 1)].assign(budget=1.0)
    more.loc[more["measure"] == "auc", "value"] += 0.002
    text = found(pd.concat([measures, more]))
    assert (
        "On the balanced training set, it changes the AUC by +0.20 (+0.20 to +0.20) and the accuracy" in text
    )
    alone = measures[measures["budget"] != 1].drop(columns="budget")
    assert "full schedule" not in found(alone)


def test_the_words_turn_with_the_effects(measures: pd.DataFrame) -> None:
    measures.loc[measures["measure"] == "auc", "value"] = 1 - measures["value"]
    text = found(measures)
    assert "The baseline's AUC rises with ρ" in text
    assert "AUC of oversampling against the baseline's: above at 0 of 10 conditions and below at 10" in text
    assert "a loss of 0.5 or more is not excluded everywhere" in text


def test_noise_decides_nothing(measures: pd.DataFrame) -> None:
    thresholded = (measures["measure"] == "accuracy") & (measures["rule"] == "prior")
    signs = measures.loc[thresholded, "replicate"].map({0: 1, 1: -1, 2: 1, 3: -1})
    measures.loc[thresholded, "value"] += signs - 0.05
    assert (
        "Thresholding changes the baseline's accuracy: above at 0 of 10 conditions and below at 0"
        in found(measures)
    )


@pytest.mark.parametrize("study", FINDINGS)
def test_the_findings_in_a_readme_are_those_of_its_tables(study: str) -> None:
    readme = (STUDIES / study / "README.md").read_text(encoding="utf-8")
    assert with_generated(readme, page(study), *MARKS) == readme, "run `make pages`"
