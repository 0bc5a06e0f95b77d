"""Folders of classes: what is listed, in which order, and which classes make a data set."""

from pathlib import Path

import pytest

from imbalance.datasets.folders import by_class, check_classes
from imbalance.errors import InputError


def test_folders_and_files_are_listed_by_name_and_what_is_hidden_is_not(tmp_path: Path) -> None:
    for name in ("b/2", "b/10", "b/.2", "B/1", ".c/1", "loose"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "a").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "b")
    listed = by_class(tmp_path)
    assert listed == {"B": ["1"], "a": [], "b": ["10", "2"], "link": ["10", "2"]}
    assert list(listed) == sorted(listed)


def test_classes_of_both_sets_in_any_order_are_sorted() -> None:
    assert check_classes({"b": [1], "a": [1]}, {"a": [1], "b": [1]}, Path("x"), "these") == ("a", "b")


@pytest.mark.parametrize(
    ("train", "test", "problem"),
    [
        ({}, {}, "^x has fewer than 2 classes; expected are these"),
        ({"a": [1]}, {"a": [1]}, "^x has fewer than 2 classes"),
        ({"a": [1], "b": [1]}, {"a": [1]}, "^x: the test set has no readable image of class 'b', but each"),
        ({"a": [1]}, {"a": [1], "b": [1]}, "^x: the training set has no readable image of class 'b', but"),
        (
            {"a": [], "b": []},
            {"a": [1], "b": [1]},
            "the training set has no readable image of classes 'a', 'b'",
        ),
        ({name: [1] for name in "abcdefg"}, {}, "of classes 'a', 'b', 'c', 'd', 'e' and 2 more, but"),
        ({"a\nb": [1], "b": [1]}, {"a\nb": [1], "b": [1]}, r"'a\\nb' cannot name a class"),
    ],
)
def test_what_is_no_data_set_is_refused(train: dict, test: dict, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        check_classes(train, test, Path("x"), "these")
