"""Repeated splits: what a replicate tests, and what is kept of it on disk."""

from pathlib import Path

import numpy as np
import pytest

from imbalance.data.arrays import Arrays
from imbalance.errors import InputError
from imbalance.subsets import subset as subsets
from imbalance.subsets.splits import draw_test
from imbalance.subsets.subset import Subset, draw


def pool(labels: np.ndarray, groups: np.ndarray, fraction: float = 0.25) -> Arrays:
    images = np.zeros((len(labels), 1, 1, 1), np.uint8)
    return Arrays(images, labels, images, labels, ("cat", "dog"), groups.astype(np.uint32), fraction)


def replicates(labels: np.ndarray, groups: np.ndarray) -> list[Subset]:
    """Three replicates, of which groups of unequal size make unequal numbers of images."""
    drawn = []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        test = draw_test(pool(labels, groups), rng)
        drawn.append(draw(labels, np.bincount(labels[~test]), rng, test))
    return drawn


LABELS = np.repeat([0, 1], [30, 10]).astype(np.uint8)
GROUPS = np.repeat(np.arange(12), [1, 2, 6, 4, 3, 5, 7, 2, 1, 3, 4, 2])


def test_replicates_come_back_from_disk_with_their_own_test_images(tmp_path: Path) -> None:
    drawn = replicates(LABELS, GROUPS)
    assert len({len(each.indices) for each in drawn}) > 1
    subsets.save(drawn, tmp_path)
    for before, after in zip(drawn, subsets.load(tmp_path, LABELS), strict=True):
        assert sorted([*before.indices, *before.tested]) == list(range(40))
        for name in ("indices", "sizes", "test", "tested"):
            assert getattr(before, name).tolist() == getattr(after, name).tolist()
    subsets.save([draw(LABELS, np.array([3, 2]), np.random.default_rng(0))], tmp_path)
    assert subsets.load(tmp_path, LABELS)[0].test is None, "nothing is left of the roles"


@pytest.mark.parametrize("damage", ["labels", "dtype", "shape", "sizes", "untested"])
def test_roles_that_cannot_be_are_refused(tmp_path: Path, damage: str) -> None:
    subsets.save(replicates(LABELS, GROUPS), tmp_path)
    roles, sizes, labels = np.load(tmp_path / "roles.npy"), np.load(tmp_path / "sizes.npy"), LABELS
    match damage:
        case "labels":
            labels = LABELS[::-1]
        case "dtype":
            roles = roles.astype(int)
        case "shape":
            roles = roles[:, 1:]
        case "sizes":
            sizes = sizes[:2]
        case "untested":
            roles[0, roles[0] == 2] = 0
    np.save(tmp_path / "roles.npy", roles)
    np.save(tmp_path / "sizes.npy", sizes)
    with pytest.raises(InputError, match=f"^{tmp_path}: the roles of the images do not fit their labels"):
        subsets.load(tmp_path, labels)


def test_logits_are_spread_over_all_images() -> None:
    subset = Subset(np.array([0, 3]), np.array([1, 1]), np.array([False, True, True, False]))
    spread = subset.among_all(np.array([[1, 2], [3, 4]], np.float32))
    np.testing.assert_array_equal(spread, np.array([[np.nan] * 2, [1, 2], [3, 4], [np.nan] * 2], np.float32))
    assert Subset(subset.indices, subset.sizes).among_all(spread) is spread


def test_a_class_that_no_split_leaves_on_both_sides_is_named() -> None:
    labels, groups = np.array([0, 0, 0, 1, 1]), np.array([0, 1, 2, 3, 3])
    with pytest.raises(
        InputError, match="no split leaves images of class 'dog' both to train and to test on"
    ):
        draw_test(pool(labels, groups), np.random.default_rng(0))


def test_one_test_set_is_drawn_once_for_all() -> None:
    whole = Arrays(*(np.zeros((2, 1, 1, 1), np.uint8), np.array([0, 1], np.uint8)) * 2, ("a", "b"))
    assert draw_test(whole, np.random.default_rng(0)) is None
