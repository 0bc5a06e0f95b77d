"""Four methods of which the order, and all differences, are known."""

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from imbalance.evaluation.statistics import holm
from imbalance.studies.ranking import pairs, ranking

NOISE = np.array([-0.004, -0.002, 0.0, 0.002, 0.004])
VALUES = {
    "baseline": 0.5 + NOISE,
    "good": 0.9 + NOISE[::-1],
    "fair": 0.7 + NOISE[[1, 0, 3, 2, 4]],
    "as_fair": 0.7 + np.array([-0.003, -0.003, 0.001, 0.001, 0.005]),
}


def table(values: dict[str, np.ndarray] = VALUES) -> pd.DataFrame:
    """The long table, with another measure and rule, which are not to be ranked."""
    rows = [
        (method, replicate, rule, measure, value * (1 if (rule, measure) == ("argmax", "accuracy") else -1))
        for method, of_method in values.items()
        for replicate, value in enumerate(of_method)
        for rule, measure in itertools.product(("argmax", "prior"), ("accuracy", "minority_recall"))
    ]
    return pd.DataFrame(rows, columns=["method", "replicate", "rule", "measure", "value"])


def test_all_pairs_are_compared_once_with_holm_over_all() -> None:
    found = pairs(table(), "accuracy", "argmax").set_index(["method", "other"])
    assert len(found) == 6
    assert {frozenset(pair) for pair in found.index} == {
        frozenset(pair) for pair in itertools.combinations(VALUES, 2)
    }
    for (method, other), row in found.iterrows():
        assert row["difference"] == pytest.approx((VALUES[method] - VALUES[other]).mean())
    p = stats.ttest_rel(VALUES["as_fair"], VALUES["fair"]).pvalue
    assert found.loc[("as_fair", "fair"), "p"] == pytest.approx(p)
    assert found["p_holm"].tolist() == pytest.approx(holm(found["p"].to_numpy()).tolist())
    assert (found["p_holm"] >= found["p"]).all()


def test_the_best_has_rank_one_and_wins_are_counted() -> None:
    found = ranking(table(), "accuracy", "argmax", pairs(table(), "accuracy", "argmax"))
    assert found["method"].iloc[[0, -1]].tolist() == ["good", "baseline"]
    of = found.set_index("method")
    assert of.loc["good", ["rank", "better_than", "worse_than"]].tolist() == [1, 3, 0]
    assert of.loc["fair", ["better_than", "worse_than"]].tolist() == [1, 1], "not from as_fair"
    assert of.loc["baseline", ["rank", "better_than", "worse_than"]].tolist() == [4, 0, 3]
    by_hand = stats.rankdata([-VALUES[method] for method in VALUES], axis=0).mean(axis=1)
    assert [of.loc[method, "rank"] for method in VALUES] == pytest.approx(by_hand.tolist())


def test_a_method_that_always_differs_by_the_same_has_no_test_and_no_win() -> None:
    values = {"baseline": 0.5 + NOISE, "shifted": 0.6 + NOISE}
    found = pairs(table(values), "accuracy", "argmax")
    assert found["p"].isna().all()
    ranks = ranking(table(values), "accuracy", "argmax", found)
    assert ranks["better_than"].tolist() == [0, 0]
    assert ranks["rank"].tolist() == [1, 2]


def test_one_method_has_no_pairs() -> None:
    found = pairs(table({"baseline": 0.5 + NOISE}), "accuracy", "argmax")
    assert found.empty
    ranks = ranking(table({"baseline": 0.5 + NOISE}), "accuracy", "argmax", found)
    assert ranks["rank"].tolist() == [1]
