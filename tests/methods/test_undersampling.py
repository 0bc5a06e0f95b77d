"""Class sizes n = (6, 3, 1), by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imbalance.methods.undersampling import Undersampling

LABELS = np.array([0, 1, 0, 2, 0, 1, 0, 0, 1, 0])


@pytest.mark.parametrize(
    ("ratio", "sizes"), [(1, [1, 1, 1]), (2, [2, 2, 1]), (2.9, [2, 2, 1]), (6, [6, 3, 1])]
)
def test_sizes(ratio: float, sizes: list[int]) -> None:
    sample = Undersampling(start="initial", ratio=ratio).sample(LABELS, np.random.default_rng(0))
    assert np.bincount(LABELS[sample]).tolist() == sizes
    assert len(set(sample)) == len(sample)


@given(st.lists(st.integers(1, 20), min_size=2, max_size=6), st.floats(1, 30), st.integers(0, 99))
def test_no_image_twice_and_no_class_above_the_target(sizes: list[int], ratio: float, seed: int) -> None:
    labels = np.repeat(np.arange(len(sizes)), sizes)
    sample = Undersampling(start="initial", ratio=ratio).sample(labels, np.random.default_rng(seed))
    target = int(ratio * min(sizes))
    assert np.bincount(labels[sample]).tolist() == [min(size, target) for size in sizes]
    assert len(set(sample)) == len(sample)


def test_drawn_once_unless_fresh() -> None:
    fixed = Undersampling(start="initial").epochs(LABELS, np.random.default_rng(0))
    assert len({tuple(sorted(next(fixed))) for _ in range(20)}) == 1
    fresh = Undersampling(start="initial", fresh=True).epochs(LABELS, np.random.default_rng(0))
    epochs = [next(fresh) for _ in range(40)]
    assert all(np.bincount(LABELS[epoch]).tolist() == [1, 1, 1] for epoch in epochs)
    assert set(np.concatenate(epochs)) == set(range(10)), "over time, every image is seen"
