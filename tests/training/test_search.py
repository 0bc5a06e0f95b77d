import numpy as np
import pytest

from imbalance.training.search import Candidate, Trial, again, best, candidates, is_stuck
from tests.builders.training import TRIALS


def test_every_rate_is_tried_with_every_draw() -> None:
    tried = candidates((0.05, 0.005), repeats=2)
    assert tried == [Candidate(rate, draw) for rate in (0.05, 0.005) for draw in (0, 1)]


def test_another_draw_is_tried_once_and_is_none_of_the_others() -> None:
    first = candidates((0.05,), repeats=2)
    second = [again(candidate, repeats=2) for candidate in first]
    assert second == [Candidate(0.05, 2), Candidate(0.05, 3)]
    assert [again(candidate, repeats=2) for candidate in second if candidate] == [None, None]


LABELS = np.array([0, 0, 0, 0, 1, 2])


@pytest.mark.parametrize(
    ("logits", "stuck"),
    [
        (np.zeros((6, 3)), True),  # dead class maps: the loss is ln 3
        (np.tile(np.log([4, 1, 1]), (6, 1)), True),  # the priors alone
        (np.eye(3)[LABELS], False),
        (np.tile([5.0, 0, 0], (6, 1)) + np.eye(3)[LABELS] * 4, False),  # one class, but the loss is low
        (np.array([[0, 0, 1e-3]] + 5 * [[0, 1e-3, 0]]), False),  # two classes
    ],
)
def test_stuck_is_one_class_and_no_better_than_a_guess(logits: np.ndarray, stuck: bool) -> None:
    assert is_stuck(logits, LABELS) == stuck


def test_a_network_that_ranks_well_is_not_stuck_though_it_decides_for_one_class() -> None:
    """As a baseline does that is trained for a short time on a strong imbalance."""
    rng = np.random.default_rng(0)
    labels = (rng.random(1000) < 0.02).astype(int)
    score = 0.5 * rng.normal(labels * 1.8, 1)
    logits = np.stack([np.full(1000, 3.9), score], axis=1)
    assert (logits.argmax(axis=1) == 0).all()
    assert not is_stuck(logits, labels)


def test_of_one_class_nothing_is_known() -> None:
    assert not is_stuck(np.zeros((6, 3)), np.zeros(6, int))


def test_the_protocols_differ_in_what_they_look_at() -> None:
    assert best(TRIALS, "clean") == 2  # the first of two equals
    assert best(TRIALS, "paper") == 1


def test_a_stuck_network_is_kept_only_where_there_is_no_other() -> None:
    assert best([TRIALS[0], TRIALS[4]], "clean") == 0
    assert best([TRIALS[0], Trial(0.05, 2, "trained", 0.1, 0.1)], "clean") == 1
