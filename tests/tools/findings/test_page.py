"""Findings on measures whose effects are known, and on the committed ones."""

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from imbalance.data.tables import write
from imbalance.report.generated import FINDINGS as GENERATED
from imbalance.studies.collect import stacked
from tests.builders.measures import conditions, grid
from tools.findings import schedule, step
from tools.findings.page import FINDINGS, page
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
    assert "At this ρ, from μ = 0.1 to 0.9 its AUC changes by +0.00 (" in text


def test_what_the_full_schedule_changes_is_said_of_its_conditions(measures: pd.DataFrame) -> None:
    change = "+0.10 (+0.10 to +0.10)"
    text = found(measures)
    assert f"The full schedule changes the AUC of the baseline by {change} at ρ = 100, μ = 0.5." in text
    several = re.search(r"(\d+) of (\d+) differences from doing nothing \(table\) are the same", text)
    assert several
    assert several[1] == several[2]
    rows = schedule.table("mnist_step").splitlines()
    assert f"| 100 | 0.5 | baseline, AUC | {change} |  |  |" in rows
    (over,) = (row.split(" | ")[3:] for row in rows if row.startswith("| 100 | 0.5 | oversampling, AUC |"))
    assert over[0] == change
    assert over[1] == over[2].removesuffix(" |")
    assert not any(row.startswith("| 1 |") for row in rows)
    more = measures[(measures["rho"] == 1)].assign(budget=1.0)
    more.loc[more["measure"] == "auc", "value"] += 0.002
    found(pd.concat([measures, more]))
    assert "| 1 | 0.5 | baseline, AUC | +0.20 (+0.20 to +0.20) |  |  |" in schedule.table("mnist_step")
    alone = measures[measures["budget"] != 1].drop(columns="budget")
    assert "full schedule" not in found(alone)


def test_a_difference_that_the_full_schedule_turns_is_counted(measures: pd.DataFrame) -> None:
    turned = (
        (measures["budget"] == 1) & (measures["method"] == "oversampling") & (measures["measure"] == "auc")
    )
    assert turned.any()
    same, of = (int(each) for each in re.findall(r"(\d+) of (\d+) differences", found(measures))[0])
    measures.loc[turned, "value"] -= 0.5
    assert f"{same - 1} of {of} differences from doing nothing" in found(measures)


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
    assert GENERATED.within(STUDIES / study / "README.md") == page(study), "run `make pages`"
