"""Image folders in which each class has a folder of its own."""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence, Sized
from pathlib import Path

from imbalance.errors import InputError

NAMED = 5  # names in a message, at most


def by_class(folder: Path) -> dict[str, list[str]]:
    """Return the sorted entries of each sub-folder of `folder`, by the sub-folder's name; none is hidden."""
    return {
        name: sorted(entry.name for entry in _visible(folder / name))
        for name in sorted(entry.name for entry in _visible(folder) if entry.is_dir())
    }


def within(folder: Path) -> tuple[list[str], list[str]]:
    """Return the sorted names of the sub-folders and of the files in a folder, without hidden ones.

    Raises `InputError` if a sub-folder is a link. DVC follows a link that a dependency names, and links to
    files below it; but it ignores links to folders below it, and so would miss changes behind them (tried
    with DVC 3.67.1).
    """
    names: dict[bool, list[str]] = {True: [], False: []}
    for entry in _visible(folder):
        if entry.is_dir() and entry.is_symlink():
            raise InputError(
                f"{entry.path} is a link to a folder, and DVC does not see what changes behind it; put the "
                "folder itself there, or links to its files."
            )
        names[entry.is_dir()].append(entry.name)
    return sorted(names[True]), sorted(names[False])


def files_below(folder: Path) -> list[Path]:
    """Return the sorted paths of all files below a folder, as `within` finds them."""
    inside, files = within(folder)
    return sorted(
        [folder / name for name in files] + [path for name in inside for path in files_below(folder / name)]
    )


def listing(folder: Path) -> Iterator[bytes]:
    """Yield a line with hash and path for each file below a folder, in the format of `sha256sum`."""
    for path in files_below(folder):
        yield listed(path, path.relative_to(folder))


def listed(path: Path, name: Path | str) -> bytes:
    """Return the line of a file in a listing, where it has a name of its own."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return f"{digest}  ".encode() + os.fsencode(name) + b"\n"


def check_classes(
    train: Mapping[str, Sized], test: Mapping[str, Sized], root: Path, expected: str
) -> tuple[str, ...]:
    """Return the sorted class names.

    Raises `InputError` unless there are two classes or more, each with images in both sets.
    """
    classes = sorted(train.keys() | test.keys())
    if len(classes) < 2:
        raise InputError(f"{root} has fewer than 2 classes; expected are {expected}.")
    for name, images in {"training": train, "test": test}.items():
        if missing := [label for label in classes if not images.get(label)]:
            noun = "classes" if len(missing) > 1 else "class"
            raise InputError(
                f"{root}: the {name} set has no readable image of {noun} {some(missing)}, but each class "
                f"needs one there; expected are {expected}."
            )
    if unnamed := [name for name in classes if not name.isprintable()]:
        raise InputError(f"{root}: {unnamed[0]!r} cannot name a class; rename the folder.")
    return tuple(classes)


def some(names: Sequence[str]) -> str:
    """Return the first few names as text, and how many more there are.

    >>> some(["a", "b"]), some("abcdefgh")
    ("'a', 'b'", "'a', 'b', 'c', 'd', 'e' and 3 more")
    """
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{', '.join(map(repr, names[:NAMED]))}{more}"


def _visible(folder: Path) -> list["os.DirEntry[str]"]:
    with os.scandir(folder) as entries:
        return [entry for entry in entries if not entry.name.startswith(".")]
