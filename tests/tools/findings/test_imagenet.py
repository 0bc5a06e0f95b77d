"""Findings on ImageNet, against the paper's text, the claims, and numbers that are computed in another way."""

import shutil
import statistics
from pathlib import Path

import pandas as pd
import pytest
import yaml
from scipy import stats

from imbalance.data.tables import write
from tools.findings import imagenet
from tools.findings.imagenet import COLUMNS, METHODS, PRINTED
from tools.studies import STUDIES

MINUS = "\N{MINUS SIGN}"
# Table 4 as it is printed.
ROWS = {
    "baseline": (99.41, 96.31, 90.74, 90.46, 90.05),
    "oversampling": (99.35, 95.06, 88.38, 88.39, 88.17),
    "undersampling": (96.85, 94.98, 88.35, 84.08, 83.74),
}
T = 4.302653  # Student's 97.5 % quantile with 2 degrees of freedom


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The study without anything trained, in whose place the test runs."""
    folder = tmp_path / STUDIES / "imagenet"
    folder.mkdir(parents=True)
    for name in (PRINTED, "params.yaml"):
        shutil.copy(STUDIES / "imagenet" / name, folder)
    monkeypatch.chdir(tmp_path)
    return "imagenet"


def shown(*numbers: float) -> str:
    mean, low, high = (f"{number:+.2f}".replace("-", MINUS) for number in numbers)
    return f"{mean} ({low} to {high})"


def test_the_printed_values_are_those_of_the_table_and_of_the_claims() -> None:
    source = imagenet.printed(STUDIES / "imagenet")
    ours = {name: tuple((100 * source.of(name, "auc")).round(2)) for name in METHODS}
    assert ours == ROWS
    claims = yaml.safe_load((STUDIES / "claims/buda2018.yaml").read_text())["claims"]
    printed = {each["id"]: each["parts"][0].get("printed") for each in claims if "parts" in each}
    assert printed["B9a"] == {name: list(ROWS[name]) for name in ("oversampling", "undersampling")}
    assert printed["B9b"] == {name: list(ROWS[name][2:]) for name in ("oversampling", "baseline")}


def test_differences_are_paired_by_column_and_single_ones_have_no_interval(study: str) -> None:
    text = " ".join(imagenet.sentences(study))
    for one, other in imagenet.PAIRS:
        differences = [own - its for own, its in zip(ROWS[one], ROWS[other], strict=True)]
        weak, middle = (f"{each:+.2f}".replace("-", MINUS) for each in differences[:2])
        mean = sum(differences[2:]) / 3
        half = T * statistics.stdev(differences[2:]) / 3**0.5
        assert (
            f"In print, {one} against {other}: {weak} at ρ = 10, μ = 0.1; {middle} at ρ = 50, μ = 0.8; "
            f"{shown(mean, mean - half, mean + half)} at ρ = 100, μ = 0.9." in text
        )
    assert "above oversampling in 5 of 5 columns" in text
    assert "Here" not in text


def test_the_deficit_of_oversampling_is_more_than_the_runs_differ(study: str) -> None:
    text = " ".join(imagenet.sentences(study))
    unpaired = stats.ttest_ind(ROWS["oversampling"][2:], ROWS["baseline"][2:], equal_var=False)
    low, high = unpaired.confidence_interval()
    assert f"and {shown(-2.10, low, high)} if the sets were not shared" in text
    assert "(4.61). Those of the baseline differ by 0.69, and those of oversampling by 0.22." in text
    assert "By its interval, it is not: the deficit is" in text
    assert "its p is 0.25 at best" in text


def test_most_of_the_loss_is_not_for_want_of_images(study: str) -> None:
    text = " ".join(imagenet.sentences(study))
    sizes = [900 * 1000 + 100 * 100, 200 * 1000 + 800 * 20, 100 * 1000 + 900 * 10]
    assert [imagenet.images(each) for each in ((10, 0.1), (50, 0.8), (100, 0.9))] == sizes
    lost = 99.5 - sum(ROWS["baseline"][2:]) / 3
    of_balance = 96.85 - sum(ROWS["baseline"][2:]) / 3
    assert f"So {of_balance:.2f} of the {lost:.2f} points that it loses (71 %) are due to" in text
    assert round(100 * of_balance / lost) == 71


def test_other_numbers_give_other_words(study: str) -> None:
    file = STUDIES / study / PRINTED
    table = pd.read_csv(file)
    strongest = (table["rho"] == 100) & (table["method"] == "oversampling")
    table.loc[strongest, "value"] += 0.021
    write(table, file)
    assert "Chance is not excluded" in " ".join(imagenet.sentences(study))


def test_what_has_been_trained_stands_beside_the_printed_values(study: str) -> None:
    folder = STUDIES / study
    measures = imagenet.printed(folder).measures[list(COLUMNS)].assign(imbalance="step")
    measures["value"] -= 0.01
    whole = measures.head(1).assign(rho=1.0, mu=0.5, imbalance="natural")
    write(pd.concat([measures, whole]), folder / "plots/study/measures.csv")
    lines = imagenet.table(study).splitlines()
    assert "| images | 910,000 | 216,000 | 109,000 |" in lines
    assert "| baseline, printed | 99.41 | 96.31 | 90.74, 90.46, 90.05 |" in lines
    assert "| baseline, here | 98.41 | 95.31 | 89.74, 89.46, 89.05 |" in lines
    own = [sentence for sentence in imagenet.sentences(study) if sentence.startswith("Here")]
    in_print = [sentence for sentence in imagenet.sentences(study) if sentence.startswith("In print,")]
    assert [each.removeprefix("Here") for each in own] == [
        each.removeprefix("In print") for each in in_print[:3]
    ]
