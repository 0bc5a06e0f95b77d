import numpy as np
import pandas as pd
import pytest
from scipy import stats

from imbalance.statistics import compare, holm, summarize


def table(values: dict[tuple[str, str, str], list[float]]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            dict(method=method, rule=rule, measure=measure, replicate=replicate, value=value)
            for (method, rule, measure), series in values.items()
            for replicate, value in enumerate(series)
        ]
    )


BASE, OTHER = [0.70, 0.72, 0.74, 0.71], [0.80, 0.81, 0.85, 0.80]


def test_summary_is_students_interval() -> None:
    row = summarize(table({("baseline", "argmax", "accuracy"): BASE})).iloc[0]
    low, high = stats.t.interval(0.95, 3, np.mean(BASE), stats.sem(BASE))
    assert (row["n"], row["mean"], row["std"]) == (
        4,
        pytest.approx(0.7175),
        pytest.approx(np.std(BASE, ddof=1)),
    )
    assert (row["low"], row["high"]) == (pytest.approx(low), pytest.approx(high))


def test_one_replicate_has_a_mean_and_no_interval() -> None:
    row = summarize(table({("baseline", "argmax", "accuracy"): [0.7]})).iloc[0]
    assert row["mean"] == 0.7
    assert row[["std", "low", "high"]].isna().all()
    compared = compare(table({("baseline", "argmax", "accuracy"): [0.7], ("m", "argmax", "accuracy"): [0.8]}))
    assert compared["difference"].tolist() == pytest.approx([0.1])
    assert compared[["low", "high", "p", "p_holm"]].isna().all(axis=None)


def test_comparison_is_the_paired_t_test_with_the_baseline_under_argmax() -> None:
    compared = compare(table({("baseline", "argmax", "accuracy"): BASE, ("m", "prior", "accuracy"): OTHER}))
    assert compared[["method", "rule"]].to_numpy().tolist() == [["m", "prior"]]
    expected = stats.ttest_rel(OTHER, BASE)
    row = compared.iloc[0]
    assert row["difference"] == pytest.approx(np.mean(OTHER) - np.mean(BASE))
    assert row["p"] == row["p_holm"] == pytest.approx(expected.pvalue)
    interval = expected.confidence_interval()
    assert (row["low"], row["high"]) == (pytest.approx(interval.low), pytest.approx(interval.high))


def test_pairs_are_matched_by_replicate_not_by_row() -> None:
    rows = table({("baseline", "argmax", "accuracy"): BASE, ("m", "argmax", "accuracy"): OTHER})
    pd.testing.assert_frame_equal(compare(rows), compare(rows.sort_values("value")), check_exact=False)


def test_the_baseline_under_prior_is_compared_and_rule_any_has_its_own_reference() -> None:
    compared = compare(
        table(
            {
                ("baseline", "any", "auc"): BASE,
                ("baseline", "argmax", "accuracy"): BASE,
                ("baseline", "prior", "accuracy"): OTHER,
                ("m", "any", "auc"): OTHER,
            }
        )
    )
    keys = set(map(tuple, compared[["method", "rule", "measure"]].to_numpy()))
    assert keys == {("baseline", "prior", "accuracy"), ("m", "any", "auc")}


def test_equal_results_are_no_evidence() -> None:
    compared = compare(table({("baseline", "argmax", "accuracy"): BASE, ("m", "argmax", "accuracy"): BASE}))
    assert compared[["difference", "p", "p_holm"]].to_numpy().tolist() == [[0, 1, 1]]


def test_holm_corrects_within_a_measure_only() -> None:
    noise = np.random.default_rng(0).normal(scale=0.02, size=(6, 4))
    values = {("baseline", "argmax", measure): BASE for measure in ("accuracy", "brier")}
    values |= {(f"m{i}", "argmax", "accuracy"): (np.array(OTHER) + noise[i]).tolist() for i in range(3)}
    values |= {("m0", "argmax", "brier"): OTHER}
    compared = compare(table(values)).set_index("measure")
    assert (
        compared.loc["accuracy", "p_holm"].tolist() == holm(compared.loc["accuracy", "p"].to_numpy()).tolist()
    )
    assert compared.loc["brier", "p_holm"] == compared.loc["brier", "p"]


def test_holm_by_hand() -> None:
    assert holm(np.array([0.01, 0.04, 0.03, 0.005])) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm(np.array([0.9, 0.8])).tolist() == [1, 1]
    assert np.isnan(holm(np.array([np.nan, 0.01]))[0])
    assert holm(np.array([np.nan, 0.01]))[1] == 0.01
