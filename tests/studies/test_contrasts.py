from dataclasses import astuple
from math import log10

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from imbalance.studies.collect import stacked
from imbalance.studies.contrasts import Effect, Source, by_condition, by_replicate, effect, slope
from tests.builders.measures import conditions, grid

MEASURES = Source(stacked(conditions(), grid())).where(budget=0.1)


def test_the_interval_is_students() -> None:
    values = pd.Series([0.1, 0.3, 0.2, 0.6], index=pd.RangeIndex(4, name="replicate"))
    found = effect(values)
    expected = stats.ttest_1samp(values, 0).confidence_interval()
    assert (found.low, found.high, found.n) == (pytest.approx(expected.low), pytest.approx(expected.high), 4)


def test_many_conditions_are_no_more_replicates() -> None:
    values = pd.Series([0.1, 0.3, 0.2, 0.6], index=pd.RangeIndex(4, name="replicate"))
    tenfold = pd.concat([values] * 10)
    assert astuple(effect(tenfold)) == pytest.approx(astuple(effect(values)))


def test_one_replicate_has_no_interval_and_no_sign() -> None:
    one = effect(pd.Series([0.1], index=pd.RangeIndex(1, name="replicate")))
    assert np.isnan(one.low)
    assert one.sign == 0


@pytest.mark.parametrize(
    ("low", "high", "sign"), [(0.1, 0.2, 1), (-0.2, -0.1, -1), (-0.1, 0.1, 0), (0, 0.1, 0)]
)
def test_the_sign_is_that_of_the_whole_interval(low: float, high: float, sign: int) -> None:
    assert Effect((low + high) / 2, low, high, 8).sign == sign


def test_a_paired_difference_has_no_noise_of_the_replicates() -> None:
    at = MEASURES.where(rho=100, mu=0.5)
    found = effect(at.of("oversampling", "auc") - at.of("baseline", "auc"))
    assert found.mean == pytest.approx(0.015)
    assert found.high - found.low == pytest.approx(0, abs=1e-12)


def test_the_slope_over_the_logarithm_of_the_ratio() -> None:
    found = slope(MEASURES.where(mu=0.1).of("undersampling", "auc"), "rho", log10)
    assert found.mean == pytest.approx(-0.01)
    assert found.n == 4


def test_the_slope_over_the_fraction() -> None:
    assert slope(MEASURES.where(rho=1000).of("baseline", "auc"), "mu").mean == pytest.approx(-0.02)


def test_an_effect_by_condition() -> None:
    found = by_condition(
        MEASURES.of("baseline", "accuracy", "prior") - MEASURES.of("baseline", "accuracy", "argmax"),
        ["rho", "mu"],
    )
    assert set(found) >= {(10, 0.1), (5000, 0.5), (1, 0.5)}
    assert {round(value.mean, 9) for value in found.values()} == {0.05}


def with_holes() -> pd.Series:
    """Values that fall by 0.1 for each tenfold ratio, in the third replicate at the first ratio alone."""
    index = pd.MultiIndex.from_tuples(
        [(10.0, 0), (100.0, 0), (10.0, 1), (100.0, 1), (10.0, 2)], names=["rho", "replicate"]
    )
    return pd.Series([0.9, 0.8, 0.7, 0.6, 0.95], index=index)


def test_a_replicate_that_lacks_a_condition_is_left_out() -> None:
    assert by_replicate(with_holes()).to_dict() == pytest.approx({0: 0.85, 1: 0.65})
    assert effect(with_holes()).n == 2


def test_a_replicate_that_lacks_a_ratio_has_no_slope_and_a_single_ratio_gives_none() -> None:
    found = slope(with_holes(), "rho", log10)
    assert (found.mean, found.n) == (pytest.approx(-0.1), 2)
    nothing = slope(with_holes().drop(100.0, level="rho"), "rho", log10)
    assert np.isnan(nothing.mean)
    assert (nothing.n, nothing.sign) == (0, 0)
