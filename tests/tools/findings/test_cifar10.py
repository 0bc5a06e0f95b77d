"""Findings on CIFAR-10, on measures whose effects are known: a grid with a hole, and random minorities beside."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from imbalance.data.tables import write
from imbalance.studies.collect import stacked
from tests.builders.measures import conditions, grid
from tools.findings import cifar10
from tools.studies import STUDIES

MINUS = "\N{MINUS SIGN}"
FOLDER = Path("studies/cifar10_step")


@pytest.fixture
def measures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    """The table of a study that has the least fraction at its largest ratio only."""
    (tmp_path / FOLDER).mkdir(parents=True)
    shutil.copy(STUDIES / "cifar10_step/params.yaml", tmp_path / FOLDER)
    (tmp_path / "studies/mnist_step/plots/study").mkdir(parents=True)
    shutil.copy(STUDIES / "mnist_step/params.yaml", tmp_path / "studies/mnist_step")
    monkeypatch.chdir(tmp_path)
    table = stacked(conditions(), grid())
    write(table, Path("studies/mnist_step/plots/study/measures.csv"))
    chosen = (table["budget"] < 1) & table["rho"].isin([1, 10, 100])
    hole = (table["rho"] == 10) & (table["mu"] == 0.1)
    return table[chosen & ~hole].drop(columns="budget").assign(minority="lowest")


def found(measures: pd.DataFrame) -> str:
    write(measures, FOLDER / "plots/study/measures.csv")
    return " ".join(" ".join(cifar10.sentences("cifar10_step")).split())


def test_a_grid_with_a_hole_has_the_slopes_that_it_allows(measures: pd.DataFrame) -> None:
    text = found(measures)
    fall = f"{MINUS}1.00 ({MINUS}1.00 to {MINUS}1.00)"
    assert (
        f"The baseline's AUC falls with ρ: for each tenfold ρ by {fall} at μ = 0.5; {fall} at μ = 0.9" in text
    )
    assert f"It falls with μ: for each minority class more by {MINUS}0.20 (" in text
    cost = f"{MINUS}3.00 ({MINUS}3.00 to {MINUS}3.00)"  # two tenfolds, and half of the classes
    assert f"changes the baseline by {cost} of AUC and {cost} of accuracy at ρ = 100, μ = 0.5." in text
    assert "AUC of oversampling against the baseline's: above at 5 of 5 conditions and below at 0" in text
    assert "With random minority" not in text
    twin = f"{MINUS}2.00 ({MINUS}2.00 to {MINUS}2.00)"  # one tenfold, and half of the classes
    assert (
        f"Against its balanced twin at ρ = 10, μ = 0.5, the baseline's AUC and accuracy change by {twin} and "
        f"{twin}; on MNIST, with random minority classes, by {twin} and {twin}." in text
    )


def test_random_minorities_are_set_beside_the_fixed_ones_and_do_not_mix_with_them(
    measures: pd.DataFrame,
) -> None:
    random = measures[(measures["rho"] == 100) & (measures["mu"] == 0.5)].assign(minority="random")
    random.loc[random["method"] == "baseline", "value"] += 0.004
    alone, text = found(measures), found(pd.concat([measures, random]))
    assert text.startswith(alone)
    change = "+0.40 (+0.40 to +0.40) at ρ = 100, μ = 0.5"
    assert f"in place of the lowest labels, the baseline's AUC changes by {change}." in text
    both = (
        "+1.10 (+1.10 to +1.10) at ρ = 100, μ = 0.5; with the lowest labels +1.50 (+1.50 to +1.50) at ρ = 100"
    )
    assert f"AUC of oversampling against the baseline's with random minority classes: {both}" in text


def test_the_table_has_each_method_at_each_condition(measures: pd.DataFrame) -> None:
    found(measures)
    lines = cifar10.table("cifar10_step").splitlines()
    assert len(lines) == 2 + 5 * 5  # four methods and thresholding, at five conditions
    gain = "+1.50 (+1.50 to +1.50)"
    assert f"| oversampling | 100 | 0.5 | lowest | {gain} | {gain} |" in lines
    assert "| baseline, thresholded | 10 | 0.9 | lowest |  | +5.00 (+5.00 to +5.00) |" in lines
