"""Verdicts on values whose effect is known, and how often they err."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestPower
from statsmodels.stats.weightstats import ttost_paired

from imbalance.evaluation.statistics import holm
from imbalance.studies.claims.evidence import (
    ALPHA,
    Evidence,
    at_least,
    best,
    equal,
    needed,
    not_inferior,
    superior,
)
from imbalance.studies.claims.samples import (
    combined,
    exact_p,
    paired,
    power_of_equality,
    power_to_find,
    spread,
    welch,
)

AROUND = pd.Series([-1.0, -0.5, 0.0, 0.0, 0.0, 0.0, 0.5, 1.0]) / 10  # mean 0, standard error 0.0213
RUNS = 2000


def about(mean: float, width: float = 1) -> pd.Series:
    return mean + width * AROUND


@pytest.mark.parametrize(
    ("mean", "width", "verdict"),
    [(0.3, 1, "held"), (-0.3, 1, "contradicted"), (0, 1, "not held"), (0, 10, "not enough data")],
)
def test_superiority(mean: float, width: float, verdict: str) -> None:
    assert superior(paired(about(mean, width)), 0, counts=0.1).verdict == verdict


@pytest.mark.parametrize(
    ("mean", "width", "verdict"),
    [(-0.4, 1, "held"), (-0.6, 1, "contradicted"), (-0.4, 10, "not enough data")],
)
def test_non_inferiority(mean: float, width: float, verdict: str) -> None:
    assert not_inferior(paired(about(mean, width)), 0.5).verdict == verdict


@pytest.mark.parametrize(
    ("mean", "width", "verdict"),
    [
        (0, 1, "held"),
        (0.02, 1, "held"),
        (0.3, 1, "contradicted"),
        (-0.3, 1, "contradicted"),
        (0.08, 1, "not held"),
        (0, 10, "not enough data"),
    ],
)
def test_equality(mean: float, width: float, verdict: str) -> None:
    assert equal(paired(about(mean, width)), 0.1).verdict == verdict


def test_the_best_beside_its_rivals() -> None:
    better, same, worse = (paired(about(mean)) for mean in (0.3, 0, -0.3))
    assert best([better, same], 0.1).verdict == "held"
    assert best([better, same, worse], 0.1).verdict == "contradicted"
    assert best([better, paired(about(0, 10))], 0.1).verdict == "not enough data"


def test_a_mean_and_its_p_value_are_those_of_scipy() -> None:
    values = pd.Series([0.3, -0.1, 0.4, 0.2, 0.6])
    tested = stats.ttest_1samp(values, 0)
    assert paired(values).p == pytest.approx(tested.pvalue)
    assert paired(values).interval == pytest.approx(tuple(tested.confidence_interval()))


def test_equality_is_that_of_statsmodels() -> None:
    values = np.array([0.3, -0.1, 0.4, 0.2, 0.6])
    p, *_ = ttost_paired(values, np.zeros(5), -0.7, 0.7)
    assert equal(paired(pd.Series(values)), 0.7).holds == pytest.approx(p)


def test_welch_is_that_of_scipy() -> None:
    one, other = pd.Series([1.0, 2.0, 4.0]), pd.Series([1.0, 1.5, 0.5, 0.8, 2.0])
    assert welch(one, other).p == pytest.approx(stats.ttest_ind(one, other, equal_var=False).pvalue)


def test_all_changes_of_sign_are_counted() -> None:
    assert exact_p(pd.Series([1.0, 2.0, 3.0, 4.0, 5.0])) == 2 / 2**5


def test_holm_is_that_of_statsmodels() -> None:
    p = np.random.default_rng(0).uniform(size=20) ** 3
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1])


def test_values_that_do_not_differ_are_no_evidence() -> None:
    nothing = paired(pd.Series([0.3] * 8))
    assert {superior(nothing, 0, 0.1).verdict, equal(nothing, 1).verdict} == {"not enough data"}
    assert equal(paired(pd.Series([0.0])), 1).verdict == "not enough data"


def test_equality_never_holds_by_lack_of_data() -> None:
    rng = np.random.default_rng(0)
    for n in (2, 3, 5):
        drawn = rng.normal(0, 1, size=(RUNS, n))
        held = [equal(paired(pd.Series(values)), 0.1).verdict == "held" for values in drawn]
        assert np.mean(held) <= ALPHA


@pytest.mark.parametrize("quantifier", ["all", "almost all", "most", "many", "some"])
def test_without_an_effect_at_most_five_percent_hold(quantifier: str) -> None:
    rng = np.random.default_rng(1)
    cases, runs = 12, 400
    k = needed(quantifier, cases)  # type: ignore[arg-type]
    held = 0
    for _ in range(runs):
        shared = rng.normal(size=8)  # conditions share their replicates, so are not independent
        values = shared + rng.normal(size=(cases, 8))
        found = [superior(paired(pd.Series(own)), 0, 0.1) for own in values]
        held += at_least(k, found).verdict == "held"
    assert stats.binomtest(held, runs, 0.05, alternative="greater").pvalue > 0.01


def test_where_just_too_few_hold_it_is_rarely_said_that_most_do() -> None:
    rng = np.random.default_rng(2)
    runs, held = 400, 0
    for _ in range(runs):
        means = np.array([9.0] * 6 + [0.0] * 6)  # six of twelve, and seven are needed
        values = means[:, None] + rng.normal(size=(12, 8))
        held += at_least(7, [superior(paired(pd.Series(own)), 0, 0.1) for own in values]).verdict == "held"
    assert stats.binomtest(held, runs, 0.05, alternative="greater").pvalue > 0.01


def test_at_twice_the_detectable_effect_four_of_five_hold() -> None:
    rng = np.random.default_rng(3)
    detectable = TTestPower().solve_power(nobs=8, alpha=0.05, power=0.8)
    drawn = rng.normal(2 * detectable, 1, size=(RUNS, 8))
    assert np.mean([superior(paired(pd.Series(own)), 0, 0.1).verdict == "held" for own in drawn]) >= 0.8


def test_powers_are_those_of_simulations() -> None:
    rng = np.random.default_rng(4)
    known = paired(pd.Series(stats.norm.ppf((np.arange(8) + 0.5) / 8)))
    spread_of = known.error * np.sqrt(8)
    drawn = rng.normal(0, spread_of, size=(RUNS, 8))
    found = [paired(pd.Series(own)).above(-1) <= ALPHA for own in drawn]
    shown = [equal(paired(pd.Series(own)), 1).verdict == "held" for own in drawn]
    assert power_to_find(1, known) == pytest.approx(np.mean(found), abs=0.03)
    assert power_of_equality(1, known) == pytest.approx(np.mean(shown), abs=0.03)


def test_some_is_holms_first_step_and_all_is_not_corrected() -> None:
    found = [Evidence(0.004, 0.9, 0.8), Evidence(0.02, 0.6, 0.5), Evidence(0.3, 0.7, 0.4)]
    assert at_least(1, found) == Evidence(pytest.approx(0.012), 0.9, 0.8)
    assert at_least(3, found) == Evidence(0.3, 1, pytest.approx(1))


@pytest.mark.parametrize(("quantifier", "of_ten"), [("all", 10), ("almost all", 9), ("most", 6), ("many", 3)])
def test_how_many_must_hold(quantifier: str, of_ten: int) -> None:
    assert needed(quantifier, 10) == of_ten  # type: ignore[arg-type]


def test_the_spread_of_cases_is_found() -> None:
    rng = np.random.default_rng(5)
    cases = [paired(pd.Series(rng.normal(mean, 0.1, 200))) for mean in rng.normal(3, 1, 200)]
    tau, low, high = spread(cases)
    assert tau == pytest.approx(1, abs=0.15)
    assert (low, high) == pytest.approx((1, 5), abs=0.5)
    assert np.isnan(spread(cases[:2])[0])


def test_independent_estimates_are_combined() -> None:
    one, other = paired(about(1)), paired(about(3))
    both = combined([one, other])
    assert both.mean == 2
    assert both.error == pytest.approx(one.error / np.sqrt(2))
    assert both.freedom == pytest.approx(14)
