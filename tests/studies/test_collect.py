import pandas as pd
import pytest

from imbalance.studies.collect import Grid, balanced, headline, stacked
from tests.builders.measures import METHODS, auc, conditions, grid, summaries


def test_a_long_table_has_every_value_with_its_condition() -> None:
    table = stacked(conditions(), grid())
    assert list(table) == ["rho", "mu", "budget", "method", "replicate", "rule", "measure", "value"]
    assert len(table) == sum(map(len, conditions().values()))
    one = table.query("rho == 100 and mu == 0.9 and method == 'baseline' and measure == 'auc'")
    assert one["value"].mean() == pytest.approx(auc("baseline", 100, 0.9, 0.1))


def test_conditions_beside_the_grid_are_not_in_it() -> None:
    table, whole = stacked(conditions(), grid()), grid()
    inside = table[whole.in_grid(table)]
    assert set(inside["budget"]) == {0.1}
    assert set(inside["rho"]) == {10, 100, 1000, 5000}, "a further ratio has the schedule of the grid"
    assert set(table[balanced(table)]["rho"]) == {1}


def test_a_study_without_imbalance_ratios_has_no_balanced_condition() -> None:
    table = pd.DataFrame({"mu": [0.1, 0.5]})
    assert not balanced(table).any()
    assert Grid({}, ("mu",), {}).in_grid(table).all()


def test_a_study_of_one_condition_may_have_others_beside_it() -> None:
    one = {"rho": 100.0, "budget": 0.1}
    beside = {"balanced": one | {"rho": 1.0}, "full": one | {"budget": 1.0}}
    assert Grid({"it": one} | beside, ("rho",), {"budget": 0.1}).is_single
    assert not Grid({"it": one, "more": one | {"rho": 10.0}}, ("rho",), {"budget": 0.1}).is_single
    assert not grid().is_single


def test_the_metrics_are_means_over_the_grid() -> None:
    found = headline(stacked(summaries(), grid()), grid())
    assert set(found) == set(METHODS)
    places = [(rho, mu) for rho in (10, 100, 1000) for mu in (0.1, 0.5, 0.9)] + [(5000, 0.5)]
    mean = sum(auc("oversampling", rho, mu, 0.1) for rho, mu in places) / len(places)
    assert found["oversampling"]["auc"] == pytest.approx(mean, abs=1e-6)
    raised = found["baseline"]["prior"]["accuracy"] - found["baseline"]["argmax"]["accuracy"]
    assert raised == pytest.approx(0.05)


def test_a_ratio_of_one_is_no_balance_where_sizes_do_not_follow_it() -> None:
    table = pd.DataFrame({"imbalance": ["natural", "D3", "step", "step"], "rho": [1.0, 1.0, 1.0, 10.0]})
    assert balanced(table).tolist() == [False, False, True, False]


def test_a_grid_of_balanced_sets_alone_is_a_grid() -> None:
    whole = Grid({"rho=1,mu=0.5": {"rho": 1.0, "mu": 0.5}}, ("rho", "mu"), {})
    assert whole.is_single
    assert whole.in_grid(pd.DataFrame(whole.of.values())).all()


def test_each_of_several_networks_has_its_own_headline() -> None:
    rows = [(name, "baseline", "any", "auc", mean) for name, mean in (("deep", 0.7), ("small", 0.9))]
    table = pd.DataFrame(rows, columns=["network", "method", "rule", "measure", "mean"])
    found = headline(table, Grid({}, ("network",), {}))
    assert found == {"deep": {"baseline": {"auc": 0.7}}, "small": {"baseline": {"auc": 0.9}}}
