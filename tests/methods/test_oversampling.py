"""Class sizes n = (6, 3, 1), by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imbalance.methods.oversampling import Oversampling

LABELS = np.array([0, 1, 0, 2, 0, 1, 0, 0, 1, 0])


@pytest.mark.parametrize(
    ("ratio", "sizes", "copies_of_class_2"), [(1, [6, 6, 6], 6), (2, [6, 3, 3], 3), (6, [6, 3, 1], 1)]
)
def test_sizes(ratio: float, sizes: list[int], copies_of_class_2: int) -> None:
    sample = Oversampling(start="initial", ratio=ratio).sample(LABELS, np.random.default_rng(0))
    assert np.bincount(LABELS[sample]).tolist() == sizes
    assert (sample == 3).sum() == copies_of_class_2


@given(st.lists(st.integers(1, 20), min_size=2, max_size=6), st.floats(1, 30), st.integers(0, 99))
def test_every_image_stays_and_copies_are_even(sizes: list[int], ratio: float, seed: int) -> None:
    labels = np.repeat(np.arange(len(sizes)), sizes)
    sample = Oversampling(start="initial", ratio=ratio).sample(labels, np.random.default_rng(seed))
    copies = np.bincount(sample, minlength=len(labels))
    target = np.ceil(max(sizes) / ratio)
    for label, size in enumerate(sizes):
        of_class = copies[labels == label]
        assert of_class.sum() == max(size, target)
        assert of_class.min() >= 1
        assert of_class.max() - of_class.min() <= 1


def test_the_sample_is_drawn_once_and_shuffled_each_epoch() -> None:
    labels = np.repeat([0, 1], [7, 3])
    epochs = Oversampling(start="initial").epochs(labels, np.random.default_rng(0))
    first, second = next(epochs), next(epochs)
    assert sorted(first) == sorted(second)
    assert first.tolist() != second.tolist()


def test_a_class_without_images_stays_empty() -> None:
    labels = np.array([0, 0, 2])
    sample = Oversampling(start="initial").sample(labels, np.random.default_rng(0))
    assert np.bincount(labels[sample], minlength=3).tolist() == [2, 0, 2]
