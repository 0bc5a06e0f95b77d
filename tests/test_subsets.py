from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imbalance import subsets
from imbalance.errors import InputError
from imbalance.subsets import draw, minority_classes


@given(st.lists(st.integers(1, 30), min_size=2, max_size=8), st.integers(0, 999))
def test_draw_takes_the_promised_images_without_replacement(sizes: list[int], seed: int) -> None:
    labels = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(sizes)), 30))
    subset = draw(labels, np.array(sizes), np.random.default_rng(seed))
    assert np.bincount(labels[subset.indices], minlength=len(sizes)).tolist() == sizes
    assert len(np.unique(subset.indices)) == len(subset.indices) == sum(sizes)
    assert (np.diff(subset.indices) > 0).all()


def test_draw_varies_with_the_generator_only() -> None:
    labels, sizes = np.repeat([0, 1], 100), np.array([5, 50])
    first, again, other = (draw(labels, sizes, np.random.default_rng(seed)).indices for seed in (1, 1, 2))
    assert first.tolist() == again.tolist() != other.tolist()


def test_minority_classes_of_a_step_are_its_small_ones_and_a_balanced_set_has_none() -> None:
    for minority in range(1, 10):
        sizes = np.array([500] * minority + [5000] * (10 - minority))
        assert minority_classes(sizes).tolist() == (sizes == 500).tolist()
    assert not minority_classes(np.full(10, 5000)).any()


def test_save_and_load(tmp_path: Path) -> None:
    labels = np.repeat(np.arange(3), 10)
    drawn = [draw(labels, np.array([1, 2, 3]), np.random.default_rng(seed)) for seed in range(4)]
    subsets.save(drawn, tmp_path / "subset")
    for before, after in zip(drawn, subsets.load(tmp_path / "subset"), strict=True):
        assert before.indices.tolist() == after.indices.tolist()
        assert before.sizes.tolist() == after.sizes.tolist()


def test_load_says_what_is_broken(tmp_path: Path) -> None:
    (tmp_path / "indices.npy").write_bytes(b"\x93NUMPY")
    with pytest.raises(InputError, match="holds no subsets"):
        subsets.load(tmp_path)
