"""Advice on constructed measures, of which the right answer is known."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from imbalance.errors import InputError
from imbalance.evaluation.statistics import compare
from imbalance.studies.advice import (
    NOTABLE,
    NOTHING,
    Advice,
    Candidate,
    advise,
    least_half_width,
    needed,
    whole,
)

NOISE = np.array([-0.01, 0.0, 0.01, 0.005, -0.005, 0.0])
MANY = pd.Series({"common": 2000, "rare": 400})


def advice(
    methods: dict[str, float], noise: np.ndarray = NOISE, test_images: pd.Series = MANY, error: float = 0.005
) -> Advice:
    """Advice on methods with given mean balanced accuracies, each with the noise in another order."""
    rows = [
        (method, "argmax", "balanced_accuracy", replicate, mean + noise[(replicate + index) % len(noise)])
        for index, (method, mean) in enumerate(methods.items())
        for replicate in range(len(noise))
    ]
    replicates = pd.DataFrame(rows, columns=["method", "rule", "measure", "replicate", "value"])
    return advise(replicates, compare(replicates).assign(test_error=error), test_images, methods)


def test_a_method_that_is_clearly_better_is_recommended_with_those_that_do_not_differ() -> None:
    found = advice({"baseline": 0.7, "good": 0.8, "as_good": 0.798, "bad": 0.5})
    assert (found.verdict, found.best) == ("use", Candidate("good", "argmax"))
    assert found.alike == (Candidate("as_good", "argmax"),)
    assert found.worse == (Candidate("bad", "argmax"),)
    assert found.table["method"].tolist() == ["good", "as_good", "bad"]


def test_a_sure_gain_is_recommended_although_an_unsure_one_has_the_higher_mean() -> None:
    """The first by its mean swings too much to be better than doing nothing; the second is."""
    swings = 0.06 * np.array([1, -1, 1, -1, 1, -1])
    values = {
        "baseline": 0.7 + NOISE,
        "unsure": 0.76 + swings,
        "sure": 0.75 + NOISE[::-1],
        "bad": 0.5 + NOISE[[1, 0, 3, 2, 5, 4]],
    }
    rows = [
        (method, "argmax", "balanced_accuracy", replicate, value)
        for method, of_method in values.items()
        for replicate, value in enumerate(of_method)
    ]
    replicates = pd.DataFrame(rows, columns=["method", "rule", "measure", "replicate", "value"])
    found = advise(replicates, compare(replicates).assign(test_error=0.005), MANY, ())
    assert found.table["method"].tolist() == ["unsure", "sure", "bad"]
    assert (found.table["p_holm"] < 0.05).tolist() == [False, True, True]
    assert (found.verdict, found.best) == ("use", Candidate("sure", "argmax"))
    assert found.gain["difference"] == pytest.approx(0.05)
    assert found.alike == (Candidate("unsure", "argmax"),)
    assert found.worse == (Candidate("bad", "argmax"),)


def test_nothing_is_as_good_only_if_no_interval_reaches_a_notable_difference() -> None:
    found = advice({"baseline": 0.9, "one": 0.901, "other": 0.899}, NOISE / 5)
    assert (found.verdict, found.best.method) == ("nothing", "one")
    assert found.table["high"].max() < NOTABLE
    assert advice({"baseline": 0.9, "one": 0.901, "other": 0.899}, NOISE / 5, error=0.02).verdict == "unclear"


def test_few_test_images_cannot_tell_even_if_no_network_errs() -> None:
    perfect = {"baseline": 1.0, "one": 1.0}
    few = advice(perfect, 0 * NOISE, pd.Series({"common": 100, "rare": 5}), np.nan)
    assert (few.verdict, few.smallest, few.images) == ("unclear", "rare", 5)
    assert few.needed > 20
    assert advice(perfect, 0 * NOISE, MANY, np.nan).verdict == "nothing"


@pytest.mark.parametrize("error", [0.005, np.nan])
def test_replicates_that_swing_to_both_sides_of_nothing_cannot_tell(error: float) -> None:
    """Their mean is exactly 0 and p is 1, as if no replicate differed, but they differ by 25 points."""
    values = {"baseline": [0.5] * 4, "swings": [0.75, 0.25, 0.75, 0.25]}
    rows = [
        (method, "argmax", "balanced_accuracy", replicate, value)
        for method, of_method in values.items()
        for replicate, value in enumerate(of_method)
    ]
    replicates = pd.DataFrame(rows, columns=["method", "rule", "measure", "replicate", "value"])
    comparisons = compare(replicates).assign(test_error=error)
    assert comparisons["p"].tolist() == [1]
    found = advise(replicates, comparisons, MANY, ())
    assert found.verdict == "unclear"
    half = stats.t.ppf(0.975, 3) * np.std(values["swings"], ddof=1) / 2
    assert found.table["high"].tolist() == pytest.approx([np.hypot(half, np.nan_to_num(error))])


def test_replicates_that_are_all_alike_leave_the_error_of_the_test_images() -> None:
    found = advice({"baseline": 0.7, "good": 0.8}, noise=np.zeros(3))
    assert (found.verdict, found.best) == ("use", Candidate("good", "argmax"))
    assert (found.table["high"] - found.table["low"]).tolist() == pytest.approx([0.01], abs=1e-6)
    assert advice({"baseline": 0.7, "good": 0.8}, noise=np.zeros(3), error=0.2).verdict == "unclear"


def test_a_difference_within_the_error_of_the_test_images_is_no_winner() -> None:
    methods = {"baseline": 0.7, "good": 0.75}
    assert advice(methods).verdict == "use"
    wide = advice(methods, error=0.08)
    assert wide.verdict == "unclear"
    assert wide.needed == needed(400, (wide.table["high"] - wide.table["low"])[0] / 2) > 400 * 15


def test_intervals_and_p_values_agree_and_add_the_errors_in_squares() -> None:
    row = {"difference": 0.05, "low": 0.02, "high": 0.08, "p": 0.01, "n": 6, "test_error": 0.04}
    found = whole(pd.DataFrame([row, row | {"test_error": np.nan}]), least=0)
    assert (found["high"] - found["difference"]).tolist() == pytest.approx([0.05, 0.03])
    t = 0.05 / (0.03 / stats.t.ppf(0.975, 5))
    assert found["p"].tolist() == pytest.approx([0.05, 2 * stats.t.sf(t, 5)]), "an end at 0 is p = 0.05"


def test_the_least_half_width_is_that_of_no_error_among_the_images() -> None:
    draws = np.random.default_rng(0).beta(20.5, 0.5, 400_000)
    assert least_half_width(20, 2) == pytest.approx(1.96 * draws.std() / 2, rel=0.01)


def test_rules_count_for_the_baseline_alone() -> None:
    rows = [
        (method, rule, "balanced_accuracy", replicate, value + NOISE[(replicate + len(method + rule)) % 6])
        for (method, rule), value in {
            ("baseline", "argmax"): 0.7,
            ("baseline", "prior"): 0.8,
            ("sampled", "argmax"): 0.75,
            ("sampled", "prior"): 0.9,
        }.items()
        for replicate in range(6)
    ]
    replicates = pd.DataFrame(rows, columns=["method", "rule", "measure", "replicate", "value"])
    found = advise(replicates, compare(replicates).assign(test_error=0.005), MANY, ())
    assert found.best == Candidate("baseline", "prior")
    assert {*found.table["method"] + " " + found.table["rule"]} == {"baseline prior", "sampled argmax"}


@pytest.mark.parametrize(
    ("trained", "methods", "reason"),
    [
        ({"one": [0, 1, 2]}, ["baseline", "one"], "the baseline's networks are all stuck"),
        ({"baseline": [0, 1, 2]}, ["baseline"], "the baseline is the only method, and argmax the only rule"),
        ({"baseline": [0, 1, 2]}, ["baseline", "one"], "those of all other methods are stuck"),
        ({"baseline": [0, 1], "one": [2]}, ["baseline", "one"], "those of all other methods are stuck"),
    ],
    ids=["baseline stuck", "baseline alone", "others stuck", "none in common"],
)
def test_where_nothing_can_be_compared_the_reason_is_one_sentence(
    trained: dict[str, list[int]], methods: list[str], reason: str
) -> None:
    """Evaluation leaves out stuck networks, so that there may be nothing to compare."""
    rows = [
        (method, "argmax", "balanced_accuracy", replicate, 0.8)
        for method, replicates in trained.items()
        for replicate in replicates
    ]
    replicates = pd.DataFrame(rows, columns=["method", "rule", "measure", "replicate", "value"])
    with pytest.raises(InputError, match=reason):
        advise(replicates, compare(replicates).assign(test_error=[]), MANY, methods)


def test_a_method_without_any_network_is_named() -> None:
    """All networks of a method may be stuck; evaluation leaves them out."""
    methods = {"baseline": 0.7, "good": 0.8}
    assert advice(methods).stuck == ()
    rows = [
        (method, "argmax", "balanced_accuracy", replicate, mean + NOISE[replicate])
        for method, mean in methods.items()
        for replicate in range(4)
    ]
    replicates = pd.DataFrame(rows, columns=["method", "rule", "measure", "replicate", "value"])
    comparisons = compare(replicates).assign(test_error=0.005)
    assert advise(replicates, comparisons, MANY, ["baseline", "crt", "good"]).stuck == ("crt",)


def test_nothing_is_never_a_candidate() -> None:
    found = advice({"baseline": 0.7, "one": 0.6, "other": 0.5})
    assert NOTHING not in {Candidate(*row) for row in found.table[["method", "rule"]].to_numpy()}
    assert found.verdict == "nothing"


@pytest.mark.long
def test_under_no_effect_hardly_any_method_is_recommended() -> None:
    """Six methods without effect, 8 replicates with test images of their own: 100 repeats of the statistics."""
    rng, recommended = np.random.default_rng(5), 0
    for _ in range(100):
        values = 0.8 + rng.normal(0, 0.02, (7, 8)) + rng.normal(0, 0.02, 8)
        rows = [
            ("baseline" if index == 0 else f"m{index}", "argmax", "balanced_accuracy", replicate, value)
            for (index, replicate), value in np.ndenumerate(values)
        ]
        replicates = pd.DataFrame(rows, columns=["method", "rule", "measure", "replicate", "value"])
        found = advise(replicates, compare(replicates).assign(test_error=np.nan), MANY, ())
        recommended += found.verdict == "use"
    assert recommended <= 6, "the chance to recommend any is at most half of 5 %, one side of the test"
