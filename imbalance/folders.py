"""Folders of images in which each class has a folder of its own."""

import os
from collections.abc import Mapping, Sequence, Sized
from pathlib import Path

from imbalance.errors import InputError

NAMED = 5  # of the classes that an error is about


def by_class(folder: Path) -> dict[str, list[str]]:
    """The names of what is in each folder in `folder`, by that folder's name, sorted; nothing hidden."""
    return {
        name: sorted(entry.name for entry in _visible(folder / name))
        for name in sorted(entry.name for entry in _visible(folder) if entry.is_dir())
    }


def check_classes(
    train: Mapping[str, Sized], test: Mapping[str, Sized], root: Path, expected: str
) -> tuple[str, ...]:
    """The classes, sorted; an `InputError` unless there are two or more, each with images in both sets."""
    classes = sorted(train.keys() | test.keys())
    if len(classes) < 2:
        raise InputError(f"{root} has fewer than 2 classes; expected are {expected}.")
    for name, images in {"training": train, "test": test}.items():
        if missing := [label for label in classes if not images.get(label)]:
            raise InputError(
                f"{root}: the {name} set has no readable image of {_some(missing)}, but each class needs one "
                f"there; expected are {expected}."
            )
    if unnamed := [name for name in classes if not name.isprintable()]:
        raise InputError(f"{root}: {unnamed[0]!r} cannot name a class; rename the folder.")
    return tuple(classes)


def _some(classes: Sequence[str]) -> str:
    """The first of the classes, and how many more there are."""
    more = f" and {len(classes) - NAMED} more" if len(classes) > NAMED else ""
    return f"class{'es' * (len(classes) > 1)} {', '.join(map(repr, classes[:NAMED]))}{more}"


def _visible(folder: Path) -> list["os.DirEntry[str]"]:
    with os.scandir(folder) as entries:
        return [entry for entry in entries if not entry.name.startswith(".")]
