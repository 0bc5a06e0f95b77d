import numpy as np
import pandas as pd
import pytest

from imbalance.studies.collect import Grid, stacked
from imbalance.studies.lines import (
    EVERYWHERE,
    GRID,
    ONLY,
    are_in,
    differences,
    over,
    over_ratio,
    strongest,
)
from tests.builders.measures import METHODS, auc, comparisons, grid, summaries

SUMMARY = stacked(summaries(), grid())


def test_a_measure_over_the_ratio_has_a_panel_for_each_fraction() -> None:
    table = over("rho", SUMMARY, grid(), "auc")
    assert list(table["panel"].unique()) == ["μ = 0.1", "μ = 0.5", "μ = 0.9", EVERYWHERE]
    row = table.query("panel == 'μ = 0.9' and rho == 100 and line == 'oversampling'").iloc[0]
    assert row["mean"] == pytest.approx(auc("oversampling", 100, 0.9, 0.1))
    assert row["low"] < row["mean"] < row["high"]
    assert set(table["line"]) == set(METHODS)


def test_a_further_ratio_prolongs_the_line_of_its_panel_alone() -> None:
    table = over("rho", SUMMARY, grid(), "auc").query("beside == @GRID and panel != @EVERYWHERE")
    most = table.groupby("panel")["rho"].max()
    assert most.to_dict() == {"μ = 0.1": 1000, "μ = 0.5": 5000, "μ = 0.9": 1000}


def test_a_panel_needs_two_points() -> None:
    assert "ρ = 5000" not in set(over("mu", SUMMARY, grid(), "auc")["panel"])


def test_conditions_of_which_no_two_share_a_value_have_no_lines() -> None:
    """As those of ImageNet; the balanced training set alone is no figure."""
    diagonal = SUMMARY.query("(rho == 10 and mu == 0.1) or (rho == 1000 and mu == 0.9) or rho == 1")
    for x in ("rho", "mu"):
        assert not are_in(over(x, diagonal, grid(), "auc"))
        assert are_in(over(x, SUMMARY, grid(), "auc"))


def test_a_condition_of_another_schedule_is_beside_the_grid() -> None:
    table = over("rho", SUMMARY, grid(), "auc")
    beside = table[table["beside"] != GRID]
    assert set(beside["beside"]) == {"budget = 1"}
    assert set(zip(beside["panel"], beside["rho"], strict=True)) == {("μ = 0.5", 100)}


def test_without_another_dimension_there_is_one_panel() -> None:
    only = Grid({}, ("rho",), {})
    table = SUMMARY.query("mu == 0.5 and budget == 0.1").drop(columns=["mu", "budget"])
    assert set(over("rho", table, only, "auc")["panel"]) == {ONLY, EVERYWHERE}


def test_differences_are_those_of_the_comparisons() -> None:
    table = differences("rho", stacked(comparisons(), grid()), grid(), "accuracy")
    row = table.query("panel == 'μ = 0.1' and rho == 10 and line == 'baseline' and rule == 'prior'").iloc[0]
    assert row["mean"] == pytest.approx(0.05)


def test_the_ratio_that_sampling_leaves_ends_with_the_baseline() -> None:
    rows = [
        {"rho": 1000.0, "mu": mu, "method": method, "rule": "any", "measure": "auc", "mean": mean, "n": 2}
        for mu in (0.1, 0.9)
        for method, mean in {
            "baseline": 0.8,
            "oversampling": 0.95,
            "over_10": 0.9,
            "undersampling": 0.7,
        }.items()
    ]
    table = pd.DataFrame(rows).assign(low=np.nan, high=np.nan)
    ratios = {
        "oversampling": ("oversampling", 1.0),
        "over_10": ("oversampling", 10.0),
        "undersampling": ("undersampling", 1.0),
    }
    found = over_ratio(table, Grid({}, ("rho", "mu"), {}), ratios, 50).query("line == 'μ = 0.9'")
    assert found.query("panel == 'oversampling'")[["ratio", "mean"]].to_numpy().tolist() == [
        [1, 0.95],
        [10, 0.9],
        [1000, 0.8],
    ]
    assert found.query("panel == 'undersampling'")["ratio"].tolist() == [1, 1000]


def test_in_a_study_of_one_imbalance_ratio_the_baseline_leaves_that() -> None:
    rows = [{"mu": mu, "method": "baseline", "rule": "any", "measure": "auc", "n": 2} for mu in (0.1, 0.9)]
    table = pd.DataFrame(rows).assign(mean=0.8, low=np.nan, high=np.nan)
    found = over_ratio(table, Grid({}, ("mu",), {}), {"oversampling": ("oversampling", 1.0)}, 50)
    assert found["ratio"].tolist() == [50, 50]


def test_the_curves_are_those_of_the_largest_ratio_in_the_middle() -> None:
    table = pd.DataFrame([{**values, "method": "baseline", "iteration": 10} for values in grid().of.values()])
    where, curves = strongest(table, grid())  # whose ratio of 5000 is there at one fraction only
    assert where == "ρ = 1000, μ = 0.5"
    assert list(curves) == ["method", "iteration"]
    assert len(curves) == 1


def test_of_several_networks_each_has_its_curves() -> None:
    conditions = [{"network": name, "rho": rho} for name in ("small", "deep") for rho in (1.0, 10.0, 50.0)]
    table = pd.DataFrame([each | {"method": "baseline", "iteration": 1} for each in conditions])
    where, curves = strongest(table, Grid({}, ("network", "rho"), {}))
    assert where == "ρ = 50"
    assert list(curves["method"]) == ["small, baseline", "deep, baseline"]


def test_where_the_networks_are_all_that_differs_their_curves_say_so() -> None:
    """An empty word would be read as a missing one."""
    table = pd.DataFrame({"network": ["small", "deep"], "method": "baseline", "iteration": 1})
    assert strongest(table, Grid({}, ("network",), {}))[0] == "each network"


def test_each_network_has_its_own_balanced_set() -> None:
    """In a panel of all networks it would be one's line beside the other's reference."""
    values = {("deep", 1): 0.9, ("deep", 50): 0.6, ("small", 1): 0.8, ("small", 50): 0.7}
    rows = [{"network": name, "rho": rho, "mean": mean} for (name, rho), mean in values.items()]
    table = pd.DataFrame(rows).assign(method="baseline", rule="any", measure="auc", n=2, low=0, high=1)
    found = over("rho", table, Grid({}, ("network", "rho"), {}), "auc")
    assert list(found["panel"].unique()) == ["deep", "small"]
    assert found.set_index(["panel", "rho"])["mean"].to_dict() == values
