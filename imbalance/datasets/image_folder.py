"""The user's own images as canonical arrays: any format that Pillow reads, any size, grey or coloured.

The images are in `root/train/<class>/` and `root/test/<class>/`, or in `root/<class>/`, which is then split.
Folders inside a class folder belong to the class. Or a CSV file labels them (labels_csv.py), wherever they
are below the root. Hidden files and folders are ignored; other files that are not read, and duplicates, are
counted and reported.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from imbalance.data.arrays import Arrays, Bytes, Labels, label_dtype
from imbalance.datasets import labels_csv, leaks
from imbalance.datasets.decoding import Report, bits_of, decoded, is_image, unread
from imbalance.datasets.folders import check_classes, files_below, some, within
from imbalance.datasets.labelled import Labelled, Layout, Paths
from imbalance.datasets.splitting import split, split_groups
from imbalance.errors import InputError

Bits = int | Literal["auto"]
Color = Literal["auto", "grey", "rgb"]

EXPECTED = "folders train/<class>/ and test/<class>/, or just <class>/, with images in them"


def read(root: Path, pixels: int, color: Color, bits: Bits, layout: Layout, report: Report) -> Arrays:
    """Read all images below `root`, uint8 (N, channels, pixels, pixels), ordered by class and file name.

    They have one channel if `color` is "grey", or if it is "auto" and all images are grey; otherwise three.
    Grey values of 16-bit files are numbers of `bits` bits; "auto" means as many as the largest value in all
    files needs. `report` is called with each line on what is left out or doubtful. Raises `InputError` if
    what is left is not a data set.
    """
    if not root.is_dir():
        raise InputError(f"image_folder.root: there is no folder {root}; expected are {EXPECTED}.")
    found = labels_csv.find(root, layout.labels, report) if layout.labels else find(root, report)
    _check(found, layout, root)
    depth = bits_of(root, found.paths, report) if bits == "auto" else bits
    pictures = decoded(root, found.paths, pixels, "L" if color == "grey" else "RGB", depth, report)
    for line in unread(pictures):
        report(line)
    readable = found.only(pictures)
    if layout.group:
        readable = readable.with_groups(layout.group)
    readable.check_groups(root)
    digests = {path: picture.digest for path, picture in pictures.items()}
    images = {path: picture.image for path, picture in pictures.items()}
    if color == "auto" and all((image == image[:1]).all() for image in images.values()):
        images = {path: image[:1] for path, image in images.items()}
    if layout.repeated:
        return _pool(readable, images, digests, layout.test_fraction, root, report)
    train, test = _split(readable, layout.test_fraction, digests, report)
    classes = check_classes(train, test, root, found.expected)
    for line in leaks.between(train, test, digests):
        report(line)
    numbers = _numbers(train, readable.groups, classes) if readable.groups else None
    return Arrays(*_stacked(train, images, classes), *_stacked(test, images, classes), classes, numbers)


def _check(found: Labelled, layout: Layout, root: Path) -> None:
    """Raise an `InputError` for what cannot be meant, before all images are read."""
    if layout.repeated and len(found.parts) == 2:
        raise InputError(
            f"{root}: a training and a test set are there already, and image_folder.splits: repeated draws "
            "others; set it to one, or put all images into one set."
        )
    if layout.group and found.groups:
        raise InputError(
            f"{root}: image_folder.group and the column group of {layout.labels} both give groups; keep one."
        )
    if layout.group:
        found = found.only({path for path in found.paths if is_image(path.name)}).with_groups(layout.group)
    found.check_groups(root)


def _split(
    readable: Labelled, fraction: float, digests: Mapping[Path, bytes], report: Report
) -> tuple[Paths, Paths]:
    """Return the training and the test set, split if they are not yet."""
    if len(readable.parts) == 2:
        return readable.parts
    if readable.groups:
        return split_groups(readable.parts[0], fraction, readable.groups)
    train, test = split(readable.parts[0], fraction, digests)
    for line in leaks.divided(train, test):
        report(line)
    return train, test


def _pool(
    readable: Labelled,
    images: Mapping[Path, Bytes],
    digests: Mapping[Path, bytes],
    fraction: float,
    root: Path,
    report: Report,
) -> Arrays:
    """Return the images as a pool, of which every replicate tests a fraction of its own.

    Images without groups stay together if they have the same pixels.
    """
    (paths,) = readable.parts
    classes = check_classes(paths, paths, root, readable.expected)
    groups = readable.groups or {path: digest.hex() for path, digest in digests.items()}
    replace(readable, groups=groups).check_groups(root, "have the same pixels")
    for line in leaks.within(readable, digests):
        report(line)
    everything = _stacked(paths, images, classes)
    return Arrays(*everything, *everything, classes, _numbers(paths, groups, classes), fraction)


def find(root: Path, report: Report) -> Labelled:
    """Return the files of each class folder: of the training set and the test set, or of one set.

    `report` is called with lines on images outside any class folder. Raises `InputError` if a folder is a
    link, or if it looks like a training set without a test set beside it, which would be taken for a class.
    """
    folders, _ = within(root)
    if {"train", "test"} <= set(folders):
        parts = ["train", "test"]
        if others := [name for name in folders if name not in parts]:
            count = sum(len(files_below(root / name)) for name in others)
            report(
                f"warning: left out {count} files in {root}, in {some(others)}: beside train and test, no "
                "other folder is read; move what belongs to one of the two into it"
            )
    else:
        parts = [""]
        for name in folders:
            inside, files = within(root / name)
            if name.lower().startswith("train") and inside and not files:
                raise InputError(
                    f"{root / name} has folders in it, as a training set has, but {root} has no two folders "
                    f"called train and test; rename them, or split {root / name} by naming it as "
                    "image_folder.root."
                )
    for part in parts:
        if loose := [name for name in within(root / part)[1] if is_image(name)]:
            report(
                f"warning: left out {len(loose)} images in {root / part}, in no class folder: {some(loose)}"
            )
    found = tuple(
        {
            name: [path.relative_to(root) for path in files_below(root / part / name)]
            for name in within(root / part)[0]
        }
        for part in parts
    )
    return Labelled(found, EXPECTED)


def _numbers(paths: Paths, groups: Mapping[Path, str], classes: Sequence[str]) -> NDArray[np.uint32]:
    """Return the numbers of the images' groups (N,), in the order of `_stacked`."""
    names = [groups[path] for name in classes for path in paths[name]]
    numbers = {name: number for number, name in enumerate(sorted(set(names)))}
    return np.array([numbers[name] for name in names], np.uint32)


def _stacked(paths: Paths, images: Mapping[Path, Bytes], classes: Sequence[str]) -> tuple[Bytes, Labels]:
    """Return the images (N, channels, pixels, pixels) and labels (N,) of a set, ordered by class."""
    labels = np.repeat(np.arange(len(classes)), [len(paths[name]) for name in classes])
    stacked = np.stack([images[path] for name in classes for path in paths[name]])
    return stacked, labels.astype(label_dtype(len(classes)))
