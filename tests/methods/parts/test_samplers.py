"""Class sizes n = (6, 3, 1), by hand."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imbalance.methods.parts.samplers import (
    Capped,
    Combined,
    Deferred,
    Instance,
    Oversampling,
    Power,
    Progressive,
    Sampler,
    Undersampling,
)

LABELS = np.array([0, 1, 0, 2, 0, 1, 0, 0, 1, 0])
SIZES = st.lists(st.integers(1, 20), min_size=2, max_size=6)
SEEDS = st.integers(0, 99)
RATIOS = st.floats(1, 30) | st.floats(1, allow_infinity=False)
DECIMALS = st.integers(100, 3000).map(lambda hundredths: hundredths / 100)
SAMPLERS = (
    st.just(Instance())
    | st.builds(Oversampling, ratio=RATIOS)
    | st.builds(Undersampling, ratio=RATIOS, fresh=st.booleans())
    | st.builds(Combined, target=st.none() | st.integers(1, 30), fresh=st.booleans())
    | st.builds(Capped, largest=st.none() | st.integers(1, 30))
    | st.builds(Power, q=st.floats(0, 1))
    | st.just(Progressive())
)


@given(sampler=SAMPLERS, sizes=st.lists(st.integers(0, 20), min_size=1, max_size=6).filter(any), seed=SEEDS)
@settings(deadline=None)
def test_an_epoch_of_any_sampler_is_of_examples_there_are_and_repeats_with_the_seed(
    sampler: Sampler, sizes: list[int], seed: int
) -> None:
    labels = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(sizes)), sizes))
    twice = [
        list(itertools.islice(sampler.epochs(labels, np.random.default_rng(seed), 200), 3)) for _ in range(2)
    ]
    for epoch, again in zip(*twice, strict=True):
        assert epoch.tolist() == again.tolist()
        assert epoch.dtype == np.int64
        assert 0 < len(epoch) == len(twice[0][0])
        assert 0 <= epoch.min() <= epoch.max() < len(labels)
        if not isinstance(sampler, Power | Progressive):  # which draw with replacement, and may miss a class
            assert set(labels[epoch]) == set(labels)


def test_instance_is_every_example_once_shuffled() -> None:
    first, second = itertools.islice(Instance().epochs(LABELS, np.random.default_rng(0), 200), 2)
    assert sorted(first) == sorted(second) == list(range(10))
    assert first.tolist() != second.tolist()


@pytest.mark.parametrize(
    ("ratio", "sizes", "copies_of_class_2"), [(1, [6, 6, 6], 6), (2, [6, 3, 3], 3), (6, [6, 3, 1], 1)]
)
def test_oversampled_sizes(ratio: float, sizes: list[int], copies_of_class_2: int) -> None:
    sample = Oversampling(ratio=ratio).sample(LABELS, np.random.default_rng(0))
    assert np.bincount(LABELS[sample]).tolist() == sizes
    assert (sample == 3).sum() == copies_of_class_2


@given(SIZES, DECIMALS, st.integers(0, 99))
def test_oversampling_keeps_every_example_and_copies_evenly(
    sizes: list[int], ratio: float, seed: int
) -> None:
    labels = np.repeat(np.arange(len(sizes)), sizes)
    copies = np.bincount(
        Oversampling(ratio=ratio).sample(labels, np.random.default_rng(seed)), minlength=len(labels)
    )
    target = math.ceil(max(sizes) / Fraction(str(ratio)))
    for label, size in enumerate(sizes):
        of_class = copies[labels == label]
        assert of_class.sum() == max(size, target)
        assert of_class.min() >= 1
        assert of_class.max() - of_class.min() <= 1


def test_a_ratio_that_binary_numbers_miss_is_met_exactly() -> None:
    rng = np.random.default_rng(0)
    over = Oversampling(ratio=1.15).sample(np.repeat([0, 1], [115, 3]), rng)  # 115 / 1.15 > 100, in binary
    assert np.bincount(np.repeat([0, 1], [115, 3])[over]).tolist() == [115, 100]
    under = Undersampling(ratio=1.15).sample(np.repeat([0, 1], [200, 100]), rng)  # 1.15 * 100 < 115
    assert np.bincount(np.repeat([0, 1], [200, 100])[under]).tolist() == [115, 100]


def test_oversampling_draws_once_and_shuffles_each_epoch() -> None:
    labels = np.repeat([0, 1], [7, 3])
    first, second = itertools.islice(Oversampling().epochs(labels, np.random.default_rng(0), 200), 2)
    assert sorted(first) == sorted(second)
    assert first.tolist() != second.tolist()


@pytest.mark.parametrize("sampler", [Oversampling(), Undersampling(), Power(q=0)])
def test_a_class_without_examples_stays_empty(sampler: Oversampling | Undersampling | Power) -> None:
    labels = np.array([0, 0, 2])
    epoch = next(sampler.epochs(labels, np.random.default_rng(0), 200))
    assert np.bincount(labels[epoch], minlength=3)[1] == 0


@pytest.mark.parametrize(
    ("ratio", "sizes"), [(1, [1, 1, 1]), (2, [2, 2, 1]), (2.9, [2, 2, 1]), (6, [6, 3, 1])]
)
def test_undersampled_sizes(ratio: float, sizes: list[int]) -> None:
    sample = Undersampling(ratio=ratio).sample(LABELS, np.random.default_rng(0))
    assert np.bincount(LABELS[sample]).tolist() == sizes
    assert len(set(sample)) == len(sample)


@given(SIZES, DECIMALS, st.integers(0, 99))
def test_undersampling_takes_no_example_twice(sizes: list[int], ratio: float, seed: int) -> None:
    labels = np.repeat(np.arange(len(sizes)), sizes)
    sample = Undersampling(ratio=ratio).sample(labels, np.random.default_rng(seed))
    assert np.bincount(labels[sample]).tolist() == [
        min(size, math.floor(Fraction(str(ratio)) * min(sizes))) for size in sizes
    ]
    assert len(set(sample)) == len(sample)


def test_undersampling_draws_once_unless_fresh() -> None:
    fixed = itertools.islice(Undersampling().epochs(LABELS, np.random.default_rng(0), 200), 20)
    assert len({tuple(sorted(epoch)) for epoch in fixed}) == 1
    fresh = list(
        itertools.islice(Undersampling(fresh=True).epochs(LABELS, np.random.default_rng(0), 200), 40)
    )
    assert all(np.bincount(LABELS[epoch]).tolist() == [1, 1, 1] for epoch in fresh)
    assert set(np.concatenate(fresh)) == set(range(10)), "over time, every example is seen"


def test_power_probabilities_of_kang() -> None:
    assert Power(q=0.5).class_probabilities(np.array([9, 4, 1])).tolist() == pytest.approx(
        [1 / 2, 1 / 3, 1 / 6]
    )
    assert Power(q=0).class_probabilities(np.array([9, 4, 1])).tolist() == pytest.approx([1 / 3] * 3)
    assert Power(q=1).class_probabilities(np.array([9, 4, 1])).tolist() == pytest.approx(
        [9 / 14, 4 / 14, 1 / 14]
    )


def test_power_draws_by_its_probabilities() -> None:
    epochs = itertools.islice(
        Power(q=0.5).epochs(np.repeat([0, 1, 2], [9, 4, 1]), np.random.default_rng(0), 200), 2000
    )
    drawn = np.bincount(np.repeat([0, 1, 2], [9, 4, 1])[np.concatenate(list(epochs))])
    assert drawn / drawn.sum() == pytest.approx([1 / 2, 1 / 3, 1 / 6], abs=0.01)


def test_a_deferred_sampler_has_the_rest_of_the_training_to_progress_in() -> None:
    labels = np.repeat([0, 1], [9000, 1000])
    sampler = Deferred(sampler=Progressive(), after=0.5)
    epochs = list(itertools.islice(sampler.epochs(labels, np.random.default_rng(0), 60_000), 7))
    shares = [np.bincount(labels[epoch])[1] / len(epoch) for epoch in epochs]
    assert shares[:3] == [0.1, 0.1, 0.1]
    assert shares[3:] == pytest.approx([0.1 + 0.4 / 6, 0.3, 0.5 - 0.4 / 6, 0.5], abs=0.02)


@pytest.mark.parametrize(
    ("after", "lengths"), [(0, [10, 10]), (0.25, [5, 10]), (0.7, [10, 4, 10]), (1, [10, 10])]
)
def test_the_epoch_under_way_is_cut_short_when_the_sampler_begins(after: float, lengths: list[int]) -> None:
    epochs = Deferred(after=after).epochs(LABELS, np.random.default_rng(0), 20)
    assert [len(epoch) for epoch in itertools.islice(epochs, len(lengths))] == lengths


def test_after_the_end_the_deferred_sampler_has_made_its_progress() -> None:
    epochs = Deferred(sampler=Progressive(), after=1).epochs(LABELS, np.random.default_rng(0), 10)
    assert [len(epoch) for epoch in itertools.islice(epochs, 3)] == [10, 10, 10]
