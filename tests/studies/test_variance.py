"""Components of variance: against statsmodels' analysis of variance, and on designs whose components are known."""

import math

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm
from statsmodels.stats.power import TTestIndPower, TTestPower

from imbalance.studies.needed import needed, replicates
from imbalance.studies.variance import components, interval, mean_squares, spread
from tests.builders.measures import DESIGN, designed

STDS = np.array([0.02, 0.006, 0.004, 0.01])  # of classes, images, weights and the rest


def drawn(rng: np.random.Generator, stds: NDArray[np.float64] = STDS) -> NDArray[np.float64]:
    """Values (C, I, R) with these standard deviations of the sources."""
    classes, images, weights = DESIGN
    shapes = [(classes, 1, 1), (classes, images, 1), (1, 1, weights), DESIGN]
    return 0.9 + sum(rng.normal(0, std, shape) for std, shape in zip(stds, shapes, strict=True))


def test_mean_squares_are_those_of_statsmodels() -> None:
    values = drawn(np.random.default_rng(1))
    c, i, r = np.indices(DESIGN)
    table = pd.DataFrame({"y": values.ravel(), "c": c.ravel(), "i": i.ravel(), "r": r.ravel()})
    expected = anova_lm(ols("y ~ C(c) + C(c):C(i) + C(r)", table).fit())
    squares, freedom = mean_squares(values)
    order = ["C(c)", "C(c):C(i)", "C(r)", "Residual"]
    assert freedom.tolist() == [5, 6, 5, 55]
    assert squares == pytest.approx(expected.loc[order, "sum_sq"] / freedom)


def test_components_are_unbiased_and_their_intervals_cover() -> None:
    rng, runs = np.random.default_rng(2), 400
    found = [components(drawn(rng)) for _ in range(runs)]
    estimates = np.array([each.estimates for each in found])
    error = estimates.std(axis=0) / math.sqrt(runs)
    assert (np.abs(estimates.mean(axis=0) - STDS**2) < 4 * error).all()
    covered = np.zeros(5)
    for each in found:
        draws = [*each.draws.T[:, ::10], each.totals[::10]]
        for k, (own, true) in enumerate(zip(draws, [*STDS**2, (STDS**2).sum()], strict=True)):
            low, high = interval(own)
            covered[k] += low <= true <= high
    assert (covered / runs > 0.95 - 3 * math.sqrt(0.05 * 0.95 / runs)).all()


def test_what_is_the_same_everywhere_has_no_component() -> None:
    values = np.broadcast_to(np.arange(6.0)[:, None, None], DESIGN)
    found = components(values)
    assert found.estimates == pytest.approx([3.5, 0, 0, 0])
    assert components(values + np.arange(6.0)).estimates == pytest.approx([3.5, 0, 3.5, 0])


def test_differences_have_nothing_of_what_both_methods_share() -> None:
    table = spread(designed(classes=0.03, rest=0.001)).query("measure == 'accuracy' and rule == 'argmax'")
    accuracy = table.set_index(["method", "source"])
    assert accuracy.loc[("baseline", "classes"), "share"] > 0.9
    assert accuracy.loc[("oversampling minus baseline", "classes"), "std"] < 0.001
    shares = accuracy.groupby("method")["share"].sum()
    assert shares.to_list() == pytest.approx([1, 1, 1])


def test_of_a_design_with_a_hole_nothing_is_said() -> None:
    measures = designed(classes=0.03, rest=0.001)
    table = spread(measures.drop(measures.query("method == 'oversampling'").index[0])).set_index("method")
    assert table.loc["oversampling", "std"].isna().any()
    assert table.loc["baseline", "std"].notna().all()
    assert math.isnan(replicates(math.nan, 0.005, "paired"))


@pytest.mark.parametrize(("design", "test"), [("paired", TTestPower()), ("unpaired", TTestIndPower())])
@pytest.mark.parametrize("std", [0.0, 0.0001, 0.004, 0.02, 0.2])
def test_so_many_replicates_have_the_power_and_one_less_has_not(
    std: float, design: str, test: TTestPower
) -> None:
    n = replicates(std, 0.005, design)
    effect = 0.005 / max(std, 0.0025)
    assert test.power(effect, n, 0.05) >= 0.8 > test.power(effect, n - 1, 0.05)


def test_pairs_need_fewer_replicates_than_methods_apart() -> None:
    table = needed(designed(classes=0.03, rest=0.001)).query("measure == 'accuracy' and rule == 'argmax'")
    paired, unpaired = table.to_dict("records")
    assert (paired["design"], unpaired["design"]) == ("paired", "unpaired")
    assert paired["replicates"] == 5 < 100 < unpaired["replicates"]
    assert unpaired["low"] < unpaired["replicates"] < unpaired["high"]
