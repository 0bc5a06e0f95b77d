from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imbalance.errors import InputError
from imbalance.subsets import subset as subsets
from imbalance.subsets.subset import draw, minority_classes
from tests.builders.data import INDICES, LABELS, SIZES


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
    for before, after in zip(drawn, subsets.load(tmp_path / "subset", labels), strict=True):
        assert before.indices.tolist() == after.indices.tolist()
        assert before.sizes.tolist() == after.sizes.tolist()


def written(indices: np.ndarray, sizes: np.ndarray, folder: Path) -> Path:
    np.save(folder / "indices.npy", indices)
    np.save(folder / "sizes.npy", sizes)
    return folder


@pytest.mark.parametrize(
    ("indices", "sizes", "problem"),
    [
        (INDICES.astype(float), SIZES, r"indices must be int64 .*, not float64 \(2, 3\)"),
        (INDICES, SIZES.astype(np.uint8), r"sizes must be int64 .*, not uint8 \(2, 2\)"),
        (INDICES[0], SIZES, r"indices must be int64 with a row for each replicate, not int64 \(3,\)"),
        (INDICES[:1], SIZES, "indices are of 1 replicates, but sizes of 2"),
        ([[0, 4, 5], [1, 1, 6]], SIZES, "ascending, each once"),
        ([[4, 0, 5], [1, 2, 6]], SIZES, "ascending, each once"),
        ([[-1, 4, 5], [1, 2, 6]], SIZES, "must be positions of images"),
        (INDICES, [[1, 2], [2, 2]], "sizes must add up to the 3 indices"),
        (INDICES, [[4, -1], [2, 1]], "sizes must add up to the 3 indices"),
        ([[0, 4, 5], [1, 2, 7]], SIZES, "indices go up to 7, but there are 7 images"),
        ([[0, 4, 5], [1, 4, 6]], SIZES, r"the classes have \[1 2\] images, but \[2 1\] by the sizes"),
        (INDICES, [[1, 2, 0], [2, 0, 1]], r"the classes have \[2 1 0\] images, but \[2 0 1\]"),
    ],
)
def test_subsets_that_cannot_be_are_refused(
    tmp_path: Path, indices: np.ndarray, sizes: np.ndarray, problem: str
) -> None:
    with pytest.raises(
        InputError, match=rf"^{tmp_path}: .*{problem}.*; delete the folder and run `dvc repro`"
    ):
        subsets.load(written(np.array(indices), np.array(sizes), tmp_path), LABELS)


def test_the_ones_that_are_refused_differ_from_right_ones(tmp_path: Path) -> None:
    assert len(subsets.load(written(INDICES, SIZES, tmp_path), LABELS)) == 2


@pytest.mark.parametrize("name", ["indices", "sizes"])
@pytest.mark.parametrize("content", [None, b"", b"\x93NUMPY"])
def test_a_missing_or_damaged_file_is_named(tmp_path: Path, name: str, content: bytes | None) -> None:
    file = written(INDICES, SIZES, tmp_path) / f"{name}.npy"
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(InputError, match=rf"^{file} (is missing|cannot be read)"):
        subsets.load(tmp_path, LABELS)
