"""Warnings of images that make results look better than they are, or teach the wrong class."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from imbalance.datasets.folders import some
from imbalance.datasets.labelled import Labelled, Paths

PIXELS = Mapping[Path, bytes]  # a hash of the decoded pixels of each image
ADVICE = (
    "if a folder is a patient or a scene, results look too good: name it as the group of its images, such as "
    "image_folder.group: '^[^/]+/([^/]+)/'"
)


def between(train: Paths, test: Paths, pixels: PIXELS) -> Iterator[str]:
    """Yield warnings of images that are in both sets, or in two classes."""
    tested = {pixels[path] for files in test.values() for path in files}
    if leaked := [str(path) for files in train.values() for path in files if pixels[path] in tested]:
        yield (
            f"warning: {len(leaked)} training images have the same pixels as a test image, so that results "
            f"look too good; remove them from one of the two: {some(leaked)}"
        )
    yield from _contrary((train, test), pixels)


def within(pool: Labelled, pixels: PIXELS) -> Iterator[str]:
    """Yield warnings of images that can get into both sets in spite of groups, or are in two classes."""
    if pool.groups:
        groups: dict[bytes, set[str]] = {}
        for path in pool.paths:
            groups.setdefault(pixels[path], set()).add(pool.groups[path])
        if leaking := [str(path) for path in pool.paths if len(groups[pixels[path]]) > 1]:
            yield (
                f"warning: {len(leaking)} images have the same pixels as one of another group, so that they "
                f"can be in both training and test set; keep one of each: {some(leaking)}"
            )
    yield from _contrary(pool.parts, pixels)


def divided(train: Paths, test: Paths) -> Iterator[str]:
    """Yield a warning if a random split has divided folders inside class folders."""
    training, testing = (
        {path.parent for files in part.values() for path in files if len(path.parts) > 2}
        for part in (train, test)
    )
    if both := training & testing:
        yield (
            f"warning: {len(both)} of {len(training | testing)} folders in class folders have images in both "
            f"training and test set; {ADVICE}"
        )


def _contrary(parts: tuple[Paths, ...], pixels: PIXELS) -> Iterator[str]:
    """Yield a warning of images that are in two classes."""
    classes: dict[bytes, set[str]] = {}
    everything = sorted((name, path) for part in parts for name, files in part.items() for path in files)
    for name, path in everything:
        classes.setdefault(pixels[path], set()).add(name)
    if contrary := [str(path) for _, path in everything if len(classes[pixels[path]]) > 1]:
        yield (
            f"warning: {len(contrary)} images have the same pixels in more than one class; keep each in the "
            f"right one: {some(contrary)}"
        )
