import numpy as np
import pandas as pd
import pytest
from scipy import stats

from imbalance.evaluation.statistics import CORRECTED, compare, coverage, holm, summarize
from imbalance.subsets.subset import Subset


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


@pytest.mark.parametrize("noise", [0, 1e-16, -1e-16])
def test_equal_differences_are_no_test(noise: float) -> None:
    values = {("baseline", "argmax", "accuracy"): [0.5, 0.6], ("m", "argmax", "accuracy"): [0.6, 0.7 + noise]}
    row = compare(table(values)).iloc[0]
    assert row["difference"] == pytest.approx(0.1)
    assert row[["low", "high", "p", "p_holm"]].isna().all()


def test_differences_of_rounding_alone_are_none() -> None:
    values = {("baseline", "argmax", "accuracy"): [0.1 + 0.2] * 3, ("m", "argmax", "accuracy"): [0.3] * 3}
    row = compare(table(values)).iloc[0]
    assert (row["p"], row["p_holm"]) == (1, 1)
    assert np.isnan(row["low"])


def test_real_differences_that_are_small_are_tested() -> None:
    better = [0.99991, 0.99992, 0.99994]
    values = {("baseline", "any", "auc"): [0.9999] * 3, ("m", "any", "auc"): better}
    assert compare(table(values)).iloc[0]["p"] == pytest.approx(stats.ttest_rel(better, [0.9999] * 3).pvalue)


def test_a_constant_difference_is_no_test_after_the_rounding_of_tables_either() -> None:
    base = np.array([330, 331, 333]) / 360
    values = {("baseline", "argmax", "accuracy"): base, ("m", "argmax", "accuracy"): base + 1 / 360}
    row = compare(table({key: each.round(6).tolist() for key, each in values.items()})).iloc[0]
    assert row["difference"] == pytest.approx(1 / 360, abs=1e-6)
    assert row[["low", "high", "p"]].isna().all()


def test_equal_values_have_no_interval() -> None:
    row = summarize(table({("baseline", "argmax", "accuracy"): [0.9667] * 6})).iloc[0]
    assert (row["mean"], row["cut"]) == (pytest.approx(0.9667), "none")
    assert row[["low", "high"]].isna().all()


@pytest.mark.parametrize(
    ("measure", "values", "expected"),
    [
        ("auc", [0.9, 1.0], (0.95 - 0.635310, 1, "high")),
        ("accuracy", [0.0, 1.0], (0, 1, "both")),
        ("accuracy", [0.0, 0.05], (0, 0.342655, "low")),
        ("matthews", [0.0, 0.1], (0.05 - 0.635310, 0.05 + 0.635310, "none")),
        ("brier", [0.9, 1.0], (0.95 - 0.635310, 0.95 + 0.635310, "none")),
    ],
)
def test_intervals_are_cut_where_the_measure_ends(
    measure: str, values: list[float], expected: tuple[float, float, str]
) -> None:
    row = summarize(table({("baseline", "argmax", measure): values})).iloc[0]
    assert (row["low"], row["high"]) == pytest.approx(expected[:2], abs=1e-5)
    assert row["cut"] == expected[2]


def test_differences_are_cut_at_twice_the_range() -> None:
    values = {("baseline", "argmax", "accuracy"): [0.5, 0.1], ("m", "argmax", "accuracy"): [0.5, 0.9]}
    row = compare(table(values)).iloc[0]
    assert (row["low"], row["high"], row["cut"]) == (-1, 1, "both")


def test_what_an_interval_covers_is_what_differs_between_replicates() -> None:
    def subset(indices: list[int], sizes: list[int]) -> Subset:
        return Subset(np.array(indices), np.array(sizes))

    natural, other = subset([0, 1, 2], [1, 2]), subset([0, 1, 3], [1, 2])
    assert coverage([natural] * 3) == "over weights and batches, on the same training and test images"
    assert coverage([natural, other]) == "over training images, weights and batches, on the same test images"
    moved = subset([0, 1, 2], [2, 1])
    assert coverage([natural, other, moved]) == (
        "over minority classes, training images, weights and batches, on the same test images"
    )
    assert coverage([natural]) == "of one replicate there is none"
    tested = np.array([False, False, False, True])
    own = Subset(natural.indices, natural.sizes, tested)
    repeated = f"test and training images, weights and batches, {CORRECTED}"
    assert coverage([own, own]) == f"over {repeated}"
    assert coverage([own, Subset(moved.indices, moved.sizes, tested)]) == f"over minority classes, {repeated}"


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
