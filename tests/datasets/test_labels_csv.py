"""Images that a CSV file labels and groups, and splits that keep groups and equal pixels together."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from imbalance.data.arrays import Arrays, fingerprint
from imbalance.datasets import image_folder
from imbalance.datasets.labelled import Layout
from imbalance.datasets.splitting import split_groups
from tests.builders.data import fill


def read(root: Path, said: list[str] | None = None, **changes: object) -> Arrays:
    layout = Layout(**{"test_fraction": 0.25} | changes)
    return image_folder.read(root, 8, "auto", "auto", layout, [].append if said is None else said.append)


def label(root: Path, *rows: str, header: str = "path,label") -> Path:
    (root / "labels.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return root


def rows_of(root: Path, more: str = "") -> list[str]:
    """A row for each image, with its folder as the label."""
    paths = sorted(path.relative_to(root) for path in root.rglob("*.png"))
    return [f"{path},{path.parts[0]}" + more.format(path.stem) for path in paths]


def images_of(arrays: Arrays) -> tuple[set[bytes], set[bytes]]:
    return tuple({bytes(image) for image in part} for part in (arrays.train_images, arrays.test_images))


def test_labels_that_name_the_folders_give_what_the_folders_give(tmp_path: Path) -> None:
    root = fill(tmp_path / "mine", {"a": 9, "b": 5, "c/d": 4})
    expected = fingerprint(read(root))
    assert fingerprint(read(label(root, *rows_of(root)[::-1]), labels="labels.csv")) == expected
    assert fingerprint(read(root, labels=str(root / "labels.csv"))) == expected


def test_labels_are_names_wherever_the_files_are(tmp_path: Path) -> None:
    root = fill(tmp_path / "mine", {".": 4, "deep/er": 2, "other": 3})
    label(root, '00.png,"cat, wild"', "deep/er/00.png,Ähre", "01.png,Ähre", 'deep/er/01.png,"cat, wild"')
    said: list[str] = []
    arrays = read(root, said, labels="labels.csv")
    assert arrays.classes == ("cat, wild", "Ähre")
    assert np.bincount([*arrays.train_labels, *arrays.test_labels]).tolist() == [2, 2]
    assert said == [
        f"note: left out 5 images that {root / 'labels.csv'} does not name: "
        "'02.png', '03.png', 'other/00.png', 'other/01.png', 'other/02.png'"
    ]


def test_a_split_in_the_file_is_the_split(tmp_path: Path) -> None:
    root = fill(tmp_path / "mine", {"a": 5, "b": 5})
    sides = ["test" if row.startswith(("a/01", "b/03", "b/04")) else "train" for row in rows_of(root)]
    rows = [f"{row},{side}" for row, side in zip(rows_of(root), sides, strict=True)]
    arrays = read(label(root, *rows, header="path,label,split"), labels="labels.csv")
    assert arrays.test_images[:, 0, 0, 0].tolist() == [1, 3, 4]
    assert arrays.train_images[:, 0, 0, 0].tolist() == [0, 2, 3, 4, 0, 1, 2]
    assert arrays.groups is None


@pytest.mark.parametrize("splits", ["one", "repeated"])
def test_a_column_and_a_pattern_give_the_same_groups(tmp_path: Path, splits: str) -> None:
    root = fill(tmp_path / "mine", {"a/p1": 4, "a/p2": 3, "b/p1": 2, "b/p3": 5, "b/p4": 1})
    rows = [f"{row},{re.search('p.', row)[0]}" for row in rows_of(root)]
    label(root, *rows, header="path,label,group")
    layout = {"repeated": splits == "repeated"}
    said: list[str] = []
    by_column = read(root, said, labels="labels.csv", **layout)
    assert fingerprint(by_column) == fingerprint(read(root, said, group="/(p.)/", **layout))
    assert said == []
    assert by_column.groups is not None
    assert by_column.test_fraction == (0.25 if splits == "repeated" else None)
    assert len(by_column.groups) == len(by_column.train_labels)
    if splits == "repeated":
        assert by_column.groups.tolist() == [0] * 4 + [1] * 3 + [0] * 2 + [2] * 5 + [3]
        assert by_column.test_images is by_column.train_images


GROUPED = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 7)), min_size=1, max_size=40)


@given(images=GROUPED, fraction=st.floats(0.01, 0.99))
def test_no_group_is_on_both_sides_of_the_test_split(images: list[tuple[str, int]], fraction: float) -> None:
    groups = {Path(name, str(at)): f"p{group}" for at, (name, group) in enumerate(images)}
    paths = {name: [path for path in groups if path.parts[0] == name] for name in "abc"}
    train, test = split_groups(paths, fraction, groups)
    sides = [{groups[path] for files in part.values() for path in files} for part in (train, test)]
    assert not sides[0] & sides[1]
    for name, files in paths.items():
        assert sorted(train[name] + test[name]) == sorted(files)
        assert not files or train[name]


def test_the_split_of_groups_depends_on_their_names_alone(tmp_path: Path) -> None:
    root = fill(tmp_path / "mine", {f"{name}/{group:02}": 2 for name in "ab" for group in range(20)})
    arrays = read(root, group="/(..)/")
    assert np.bincount(arrays.test_labels).tolist() == [10, 10]
    before = images_of(arrays)[1]
    fill(root, {"a/00": 3, "b/77": 2})
    assert len(before - images_of(read(root, group="/(..)/"))[1]) <= 4


def copied(root: Path, path: str, to: str) -> None:
    """Save an image in another format, with the same pixels."""
    Image.open(root / path).save(root / to)


def test_images_with_the_same_pixels_are_named_whatever_their_files(tmp_path: Path) -> None:
    root = fill(tmp_path / "mine", {"train/a": 3, "train/b": 3, "test/a": 1, "test/b": 1})
    copied(root, "train/a/01.png", "test/a/x.bmp")
    copied(root, "train/b/02.png", "test/a/y.tiff")
    said: list[str] = []
    read(root, said)
    assert said == [
        "warning: 2 training images have the same pixels as a test image, so that results look too good; remove "
        "them from one of the two: 'train/a/01.png', 'train/b/02.png'",
        "warning: 2 images have the same pixels in more than one class; keep each in the right one: "
        "'test/a/y.tiff', 'train/b/02.png'",
    ]


def test_images_with_the_same_pixels_stay_together(tmp_path: Path) -> None:
    root = fill(tmp_path / "mine", {"a": 12, "b": 12})
    for at in range(12):
        copied(root, f"a/{at:02}.png", f"a/{at:02}.bmp")
    said: list[str] = []
    training, test = images_of(read(root, said, test_fraction=0.5))
    assert not training & test
    pool = read(root, said, repeated=True)
    assert said == []
    assert np.bincount(pool.groups).tolist().count(2) == 12


def test_images_that_are_in_two_groups_are_named(tmp_path: Path) -> None:
    root = fill(tmp_path / "mine", {"a/p": 2, "a/q": 2, "b/r": 2, "b/s": 2})
    copied(root, "a/p/01.png", "a/q/x.bmp")
    said: list[str] = []
    read(root, said, group="/(.)/", repeated=True)
    assert said == [
        "warning: 2 images have the same pixels as one of another group, so that they can be in both training and "
        "test set; keep one of each: 'a/p/01.png', 'a/q/x.bmp'"
    ]
