"""Thresholding by priors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import log_softmax

from imbalance.evaluation.decisions import Rule, decision, scores
from imbalance.evaluation.metrics import class_rankings

RULES: tuple[Rule, Rule] = ("argmax", "prior")
T3_LOGITS = np.log(np.array([[2.0, 1, 1], [2, 1, 1], [1, 1, 1]]))
SIZES = np.array([6, 3, 1])


def test_prior_on_t3() -> None:
    ruled = scores("prior", T3_LOGITS, SIZES)
    assert np.exp(ruled[0]) == pytest.approx([0.8333, 0.8333, 2.5], abs=1e-4)
    assert ruled.argmax(1).tolist() == [2, 2, 2]
    assert scores("argmax", T3_LOGITS, SIZES).argmax(1).tolist() == [0, 0, 0]


def test_logit_adjustment_spans_the_two_others() -> None:
    for tau, rule in ((0, "argmax"), (1, "prior")):
        adjusted = scores("logit_adjustment", T3_LOGITS, SIZES, tau)
        assert adjusted == pytest.approx(scores(rule, T3_LOGITS, SIZES))
    half = np.exp(scores("logit_adjustment", T3_LOGITS, SIZES, 0.5)[0])
    assert half == pytest.approx([0.5 / 0.6**0.5, 0.25 / 0.3**0.5, 0.25 / 0.1**0.5])


def test_equal_priors_change_no_decision() -> None:
    logits = np.random.default_rng(0).normal(size=(200, 5))
    plain, divided = (scores(rule, logits, np.full(5, 700)).argmax(1) for rule in RULES)
    assert plain.tolist() == divided.tolist()


def noise(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Logits (100, 4) that know nothing, labels, and very imbalanced class sizes."""
    return (
        np.random.default_rng(seed).normal(size=(100, 4)),
        np.repeat(np.arange(4), 25),
        np.array([1000, 100, 10, 1]),
    )


@given(st.integers(0, 10_000))
def test_no_rule_changes_the_auc(seed: int) -> None:
    logits, labels, sizes = noise(seed)
    plain, divided = (class_rankings(scores(rule, logits, sizes), labels) for rule in RULES)
    for name in plain:
        np.testing.assert_allclose(plain[name], divided[name], atol=1e-12)


def test_renormalising_rows_would_change_the_auc() -> None:
    logits, labels, sizes = noise(0)
    divided = scores("prior", logits, sizes)
    renormalised = log_softmax(divided, axis=1)
    aucs = (class_rankings(each, labels)["auc"].mean() for each in (renormalised, divided))
    assert len(set(aucs)) == 2


def test_confident_networks_make_no_ties() -> None:
    logits = np.array([[200.0, 0], [300, 0]], dtype=np.float32)
    ruled = scores("argmax", logits, np.array([1, 1]))
    assert ruled[0, 1] > ruled[1, 1]


def test_deployment_is_bayes_by_hand() -> None:
    """Of p = (1/2, 1/4, 1/4), trained at 6 : 3 : 1 and used at 1 : 1 : 8."""
    ruled = np.exp(scores("deployment", T3_LOGITS[:1], SIZES, shares=np.array([0.1, 0.1, 0.8]))[0])
    assert ruled == pytest.approx([0.5 * 0.1 / 0.6, 0.25 * 0.1 / 0.3, 0.25 * 0.8 / 0.1])
    for shares in (SIZES / 10, np.full(3, 1 / 3)):  # as in training: argmax; equal: prior, but for a constant
        rule: Rule = RULES[int(shares[0] < 0.5)]
        difference = scores("deployment", T3_LOGITS, SIZES, shares=shares) - scores(rule, T3_LOGITS, SIZES)
        assert np.ptp(difference) < 1e-12


@pytest.mark.parametrize("rule", ["deployment", "threshold"])
def test_a_rule_without_what_it_needs_is_an_error(rule: Rule) -> None:
    with pytest.raises(ValueError, match=f"the rule {rule} needs"):
        decision(rule, SIZES)
