"""Findings on the spread between replicates, on a design of which the sources are known."""

from pathlib import Path

import pytest

from imbalance.data.tables import write
from imbalance.studies.needed import needed
from imbalance.studies.variance import spread
from tests.builders.measures import designed
from tools.findings import page
from tools.findings.variance import sentences

FOLDER = Path("studies/variance/plots/study")


@pytest.fixture
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.chdir(tmp_path)
    measures = designed(classes=0.03, rest=0.004)
    write(spread(measures), FOLDER / "variance.csv")
    write(needed(measures), FOLDER / "needed.csv")
    return list(sentences("variance"))


def test_what_is_most_of_the_variance_is_said_of_methods_and_their_difference(found: list[str]) -> None:
    (baseline,) = [text for text in found if text.startswith("Accuracy, baseline: ")]
    assert ", mostly which classes are small; of the variance, which classes are small 9" in baseline
    (difference,) = [text for text in found if text.startswith("Accuracy, oversampling minus baseline: 0.")]
    assert "the rest 8" in difference


def test_the_replicates_that_half_a_point_needs_are_said_paired_and_unpaired(found: list[str]) -> None:
    (text,) = [text for text in found if text.startswith("Accuracy, oversampling: to find")]
    assert "a difference of 0.5 from the baseline, with a power of 80 % at 5 %, takes 14 (12 to " in text
    assert text.endswith("unpaired ones of each method.")
    assert len(found) == 3 * 3 + 3


def test_of_a_study_that_has_not_been_run_nothing_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert page.page("variance") == page.NOTHING
