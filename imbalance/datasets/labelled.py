"""The user's own images as they were found: by class, in groups, split or still to be split."""

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from imbalance.datasets.folders import some
from imbalance.errors import InputError

Paths = dict[str, list[Path]]  # by class name; the paths are relative to the root


@dataclass(frozen=True)
class Layout:
    """How the images of a folder are labelled, grouped and split.

    `labels` names a CSV file (labels_csv.py); without it, the folders are the classes. `group` is a regular
    expression for the group in a path. Images that are not split are split once, by `test_fraction`, or
    `repeated`ly: then every replicate draws a test set of its own.
    """

    test_fraction: float
    labels: str | None = None
    group: str | None = None
    repeated: bool = False


@dataclass(frozen=True)
class Labelled:
    """The images by class: `parts` are the training and the test set, or one set that is still to be split.

    `groups` are the names of the groups, by path, if images have any. `expected` says what a user should have
    given, for messages.
    """

    parts: tuple[Paths, ...]
    expected: str
    groups: Mapping[Path, str] = field(default_factory=dict)

    @property
    def paths(self) -> list[Path]:
        """All images."""
        return [path for part in self.parts for files in part.values() for path in files]

    def only(self, paths: Container[Path]) -> "Labelled":
        """Return what is left with some of the paths alone."""
        parts = tuple(
            {name: [path for path in files if path in paths] for name, files in part.items()}
            for part in self.parts
        )
        return replace(self, parts=parts)

    def with_groups(self, pattern: str) -> "Labelled":
        """Return the images with the groups that a regular expression with one group finds in their paths.

        Raises `InputError` if it does not find a group in every path.
        """
        found = {path: re.search(pattern, path.as_posix()) for path in self.paths}
        if unmatched := [path.as_posix() for path, match in found.items() if not match or not match[1]]:
            raise InputError(
                f"image_folder.group: {pattern!r} finds no group in {len(unmatched)} of {len(found)} paths, "
                f"and every image needs one: {some(unmatched)}."
            )
        return replace(self, groups={path: match[1] for path, match in found.items() if match})

    def check_groups(self, root: Path, single: str = "are of one group") -> None:
        """Raise an `InputError` if a split divides a group, or if a class cannot be split without that.

        `single` says in words that the images of such a class belong together.
        """
        if not self.groups:
            return
        sides = [{self.groups[path] for files in part.values() for path in files} for part in self.parts]
        if len(sides) == 2 and (divided := sorted(sides[0] & sides[1])):
            raise InputError(
                f"{root}: {len(divided)} groups have images in both the training and the test set: "
                f"{some(divided)}; move each to one side."
            )
        of_classes = {
            name: {self.groups[path] for path in files} for name, files in self.parts[0].items() if files
        }
        whole = [name for name, groups in of_classes.items() if len(groups) == 1]
        if len(sides) == 1 and whole:
            raise InputError(
                f"{root}: all images of class {some(whole)} {single}, and a class needs two, one to train on "
                "and one to test."
            )
