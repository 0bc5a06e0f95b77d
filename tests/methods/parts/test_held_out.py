import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from imbalance.evaluation.decisions import scores
from imbalance.evaluation.metrics import class_rankings
from imbalance.methods.parts import held_out

RNG = np.random.default_rng(0)
LABELS = RNG.integers(0, 4, 300)


def test_auc_is_the_one_that_is_reported() -> None:
    """With ties at zero as of the All-CNN, and another offset for every image."""
    logits = np.maximum(RNG.normal(size=(300, 4)) + 2 * np.eye(4)[LABELS], 0) + 5 * RNG.normal(size=(300, 1))
    logits = logits.astype(np.float32)
    reported = class_rankings(scores("argmax", logits, np.ones(4, int)), LABELS)["auc"].mean()
    assert held_out.auc(logits, LABELS) == pytest.approx(reported, abs=1e-9)


def test_classes_without_an_example_do_not_count() -> None:
    labels = np.where(LABELS == 3, 0, LABELS)
    perfect = np.eye(4)[labels]
    assert (
        held_out.auc(perfect, labels)
        == held_out.mean_recall(perfect, labels)
        == held_out.g_mean(perfect, labels)
        == 1
    )


def test_g_mean_of_many_classes_does_not_underflow() -> None:
    """1 000 classes of recall 0.43: the product is below the smallest double."""
    labels = np.repeat(np.arange(1000), 100)
    correct = np.tile(np.arange(100) < 43, 1000)
    decided = np.where(correct, labels, (labels + 1) % 1000)
    scores = np.zeros((len(labels), 1000), np.float32)
    scores[np.arange(len(labels)), decided] = 1
    assert held_out.g_mean(scores, labels) == pytest.approx(0.43, rel=1e-12)


def test_geometric_mean_of_a_zero_is_zero() -> None:
    assert held_out.geometric_mean(np.array([0, 0.5, 1])) == 0


def exact_log_odds(row: np.ndarray) -> list[float]:
    """With 60 digits more than the logits themselves have."""
    with mpmath.workdps(60 + int(np.ptp(row))):
        powers = [mpmath.exp(mpmath.mpf(float(z))) for z in row]
        return [float(mpmath.log(p) - mpmath.log(sum(powers) - p)) for p in powers]


@given(arrays(np.float32, st.tuples(st.just(1), st.integers(2, 7)), elements=st.floats(-500, 500, width=32)))
def test_log_odds_are_exact_to_the_last_digits(logits: np.ndarray) -> None:
    assert held_out.log_odds(logits)[0] == pytest.approx(exact_log_odds(logits[0]), rel=1e-15, abs=1e-15)


def test_log_odds_of_huge_logits() -> None:
    assert held_out.log_odds(np.array([[1e4, 0, -1e4]])).tolist() == [[1e4, -1e4, -2e4]]
    assert held_out.log_odds(np.array([[1e4, 9990, 9990]]))[0] == pytest.approx(
        exact_log_odds(np.array([10.0, 0, 0])), rel=1e-15
    )


def test_log_odds_keep_ties() -> None:
    """In any order of the other classes, and for any number of largest logits."""
    rows = np.array([[0, 5, 1, 0.3], [0, 0.3, 5, 1], [0, 1, 0.3, 5]])
    assert len(set(held_out.log_odds(rows)[:, 0])) == 1
    assert len(set(held_out.log_odds(np.array([[2, 2, 2, 0.7]]))[0, :3])) == 1


def test_auc_still_ranks_saturated_scores() -> None:
    """Class 0 has p = 1 in doubles for all images, yet those of class 0 have the larger log-odds."""
    margins = np.array([900, 800, 700, 60, 50, 40])
    logits = np.stack([margins, np.zeros(6)], axis=1)
    assert held_out.auc(logits, np.array([0, 0, 0, 1, 1, 1])) == 1
    scaled = RNG.normal(size=(300, 4)) + np.eye(4)[LABELS]
    assert held_out.auc(1e4 * scaled, LABELS) == pytest.approx(exact_auc(1e4 * scaled), abs=1e-12)


def exact_auc(logits: np.ndarray) -> float:
    """The mean of the classes' shares of right pairs, by differences to the largest of the other logits.

    Those are the log-odds where all gaps are huge.
    """
    aucs = []
    for label in range(logits.shape[1]):
        odds = logits[:, label] - np.delete(logits, label, axis=1).max(axis=1)
        inside, outside = odds[label == LABELS], odds[label != LABELS]
        aucs.append((inside[:, None] > outside).mean())
    return float(np.mean(aucs))
