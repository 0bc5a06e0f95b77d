"""The user's own images as canonical arrays: any format that Pillow reads, any size, grey or coloured.

The images are in `root/train/<class>/` and `root/test/<class>/`, or in `root/<class>/`, which is then split.
Folders inside a class folder belong to the class. Hidden files and folders are ignored; other files that are
not read, and duplicates, are counted and reported.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image

from imbalance.data.arrays import Arrays, Bytes, Labels, label_dtype
from imbalance.datasets.decoding import Report, bits_of, decoded, unread
from imbalance.datasets.folders import check_classes, files_below, some, within
from imbalance.datasets.splitting import cut
from imbalance.errors import InputError

Bits = int | Literal["auto"]
Color = Literal["auto", "grey", "rgb"]
Paths = dict[str, list[Path]]  # by class name; the paths are relative to the root

EXPECTED = "folders train/<class>/ and test/<class>/, or just <class>/, with images in them"


def read(root: Path, pixels: int, color: Color, bits: Bits, test_fraction: float, report: Report) -> Arrays:
    """Read all images below `root`, uint8 (N, channels, pixels, pixels), ordered by class and file name.

    They have one channel if `color` is "grey", or if it is "auto" and all images are grey; otherwise three.
    Grey values of 16-bit files are numbers of `bits` bits; "auto" means as many as the largest value in all
    files needs. `report` is called with each line on what is left out or doubtful. Raises `InputError` if
    what is left is not a data set.
    """
    if not root.is_dir():
        raise InputError(f"image_folder.root: there is no folder {root}; expected are {EXPECTED}.")
    found = find(root, report)
    paths = [path for part in found for files in part.values() for path in files]
    depth = bits_of(root, paths, report) if bits == "auto" else bits
    pictures = decoded(root, paths, pixels, "L" if color == "grey" else "RGB", depth, report)
    for line in unread(pictures):
        report(line)
    readable = [
        {name: [path for path in files if path in pictures] for name, files in part.items()} for part in found
    ]
    digests = {path: picture.digest for path, picture in pictures.items()}
    is_split = len(readable) == 2
    train, test = readable if is_split else split(readable[0], test_fraction, digests)
    classes = check_classes(train, test, root, EXPECTED)
    for line in (*_repeated(train, test, digests), *([] if is_split else _divided(train, test))):
        report(line)
    images = {path: picture.image for path, picture in pictures.items()}
    if color == "auto" and all((image == image[:1]).all() for image in images.values()):
        images = {path: image[:1] for path, image in images.items()}
    return Arrays(*_stacked(train, images, classes), *_stacked(test, images, classes), classes)


def find(root: Path, report: Report) -> list[Paths]:
    """Return the files of each class: of the training set and the test set, or of one set if there are none.

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
        if loose := [name for name in within(root / part)[1] if _is_image(name)]:
            report(
                f"warning: left out {len(loose)} images in {root / part}, in no class folder: {some(loose)}"
            )
    return [
        {
            name: [path.relative_to(root) for path in files_below(root / part / name)]
            for name in within(root / part)[0]
        }
        for part in parts
    ]


def split(paths: Paths, fraction: float, digests: Mapping[Path, bytes]) -> tuple[Paths, Paths]:
    """Split the files of each class into a training and a test part, stratified.

    The test part is a `fraction` of each class: at least one image, and never all. It is chosen by a hash of
    the file names alone, so that the split is the same everywhere, and nearly all images keep their part when
    others are added. Identical files of a class (by `digests`) stay together, unless it has no others.
    """
    train, test = {}, {}
    for name, files in paths.items():
        draws = {path: hashlib.sha256(os.fsencode(path)).digest() for path in files}
        earliest: dict[bytes, bytes] = {}
        for path, draw in draws.items():
            earliest[digests[path]] = min(draw, earliest.get(digests[path], draw))
        drawn = sorted(files, key=lambda path: (earliest[digests[path]], draws[path]))
        kinds = [digests[path] for path in drawn]
        tested = cut(kinds, fraction)
        test[name], train[name] = sorted(drawn[:tested]), sorted(drawn[tested:])
    return train, test


def _is_image(name: str) -> bool:
    """Return whether a file name has the suffix of a format that Pillow reads."""
    return Image.registered_extensions().get(Path(name).suffix.lower()) in Image.OPEN


def _repeated(train: Paths, test: Paths, digests: Mapping[Path, bytes]) -> Iterator[str]:
    """Yield a warning for files that are identical in the training and the test set, or in two classes."""
    tested = {digests[path] for files in test.values() for path in files}
    if leaked := [str(path) for files in train.values() for path in files if digests[path] in tested]:
        yield (
            f"warning: {len(leaked)} training images are also in the test set, byte for byte, so that "
            f"results look too good; remove them from one of the two: {some(leaked)}"
        )
    classes: dict[bytes, set[str]] = {}
    everything = sorted(
        (name, path) for part in (train, test) for name, files in part.items() for path in files
    )
    for name, path in everything:
        classes.setdefault(digests[path], set()).add(name)
    if contrary := [str(path) for _, path in everything if len(classes[digests[path]]) > 1]:
        yield (
            f"warning: {len(contrary)} files have the same bytes in more than one class; keep each image in "
            f"the right one: {some(contrary)}"
        )


def _divided(train: Paths, test: Paths) -> Iterator[str]:
    """Yield a warning if the random split has divided folders inside class folders."""
    training, testing = (
        {path.parent for files in part.values() for path in files if len(path.parts) > 2}
        for part in (train, test)
    )
    if divided := training & testing:
        folders = training | testing
        yield (
            f"warning: {len(divided)} of {len(folders)} folders in class folders have images in both "
            "training and test set; if a folder is a patient or a scene, results look too good: make folders "
            "train and test yourself"
        )


def _stacked(paths: Paths, images: Mapping[Path, Bytes], classes: Sequence[str]) -> tuple[Bytes, Labels]:
    """Return the images (N, channels, pixels, pixels) and labels (N,) of a set, ordered by class."""
    labels = np.repeat(np.arange(len(classes)), [len(paths[name]) for name in classes])
    stacked = np.stack([images[path] for name in classes for path in paths[name]])
    return stacked, labels.astype(label_dtype(len(classes)))
