"""Splits that keep groups whole: for any classes and groups, and as good as scikit-learn's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import StratifiedGroupKFold

from imbalance.data.groups import held_out, split

EXAMPLES = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9)), min_size=1, max_size=60)


@given(EXAMPLES, st.floats(0.01, 0.99), st.integers(0, 99))
def test_no_group_is_divided_and_each_class_that_can_be_is_on_both_sides(
    examples: list[tuple[int, int]], fraction: float, seed: int
) -> None:
    labels, groups = np.array(examples).T
    training, rest = split(labels, 1000 + groups, fraction, np.random.default_rng(seed))
    assert sorted([*training, *rest]) == list(range(len(labels)))
    assert not {*groups[training]} & {*groups[rest]}
    assert {*labels} == {*labels[training]}
    for label in {*labels} - {*labels[rest]}:
        own = {*groups[labels == label]}
        needed = [
            group
            for group in own
            if any({*groups[training][labels[training] == other]} == {group} for other in {*labels})
        ]
        assert len(own) == 1 or len(needed) == len(own), "each of its groups is the last of some class"


@given(st.lists(st.integers(1, 40), min_size=2, max_size=6), st.floats(0.01, 0.99), st.integers(0, 99))
def test_examples_without_company_are_split_exactly(sizes: list[int], fraction: float, seed: int) -> None:
    labels = np.repeat(np.arange(len(sizes)), sizes)
    _, rest = split(labels, np.arange(len(labels)), fraction, np.random.default_rng(seed))
    held = np.bincount(labels[rest], minlength=len(sizes)).tolist()
    assert held == [0 if n == 1 else min(max(1, round(fraction * n)), n - 1) for n in sizes]


def test_every_example_is_held_out_equally_often() -> None:
    labels, groups = np.repeat([0, 1], [30, 10]), np.repeat(np.arange(20), 2)
    rng = np.random.default_rng(0)
    counts = np.zeros(40)
    for _ in range(2000):
        counts[split(labels, groups, 0.2, rng)[1]] += 1
    assert counts / 2000 == pytest.approx(np.full(40, 0.2), abs=0.03)


def test_fraction_zero_holds_out_nothing() -> None:
    training, rest = split(np.zeros(5, int), np.arange(5), 0, np.random.default_rng(0))
    assert (training.tolist(), rest.tolist()) == ([0, 1, 2, 3, 4], [])


def test_classes_are_split_as_evenly_as_by_scikit_learn() -> None:
    """Patients with 1 to 20 images each, of which few have the rare class."""
    ours, theirs = [], []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        groups = np.repeat(np.arange(80), rng.integers(1, 21, 80))
        labels = (rng.uniform(size=len(groups)) < rng.beta(0.2, 2, 80)[groups]).astype(int)
        folds = StratifiedGroupKFold(5, shuffle=True, random_state=seed).split(labels, labels, groups)
        for found, parts in (
            (ours, [held_out(labels, groups, 0.2, rng.permutation(80))]),
            (theirs, [at for _, at in folds]),
        ):
            for part in parts:
                shares = np.bincount(labels[part], minlength=2) / np.bincount(labels)
                found.append(abs(shares - 0.2).max())
    assert np.mean(ours) <= np.mean(theirs) + 0.005
    assert max(ours) < 0.1
