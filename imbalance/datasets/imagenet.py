"""ImageNet (ILSVRC 2012): an index of the files in the user's folder, which only the user can download."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from imbalance.data.arrays import Arrays, Labels, label_dtype
from imbalance.data.files import DATA_DIR, ImageFiles
from imbalance.datasets.folders import by_class, check_classes
from imbalance.errors import InputError

SUFFIXES = (".jpeg", ".jpg")
COMPLETE = {"classes": 1000, "training images": 1_281_167, "validation images": 50_000}
EXPECTED = "train/<synset>/*.JPEG and val/<synset>/*.JPEG, with the images of val sorted into synsets, too"


def index(root: Path, report: Callable[[str], object]) -> Arrays:
    """Index the images below `root` by their file names; `val` is the test set (Buda et al. 2018, §3.3).

    Two or more synsets make a data set. `report` is called with a warning if they are not ImageNet's 1 000
    with all their images. Raises `InputError` if a folder is missing, or if a synset has no images in one of
    the two sets.
    """
    for folder in (root, root / "train", root / "val"):
        if not folder.is_dir():
            raise InputError(
                f"imagenet: there is no folder {folder}; expected are {EXPECTED}; name the folder that holds "
                f"train and val with {DATA_DIR}=..."
            )
    train, val = (_images(root / part) for part in ("train", "val"))
    classes = check_classes(train, val, root, EXPECTED)
    result = Arrays(*_listed(root, "train", train), *_listed(root, "val", val), classes)
    found = (len(classes), len(result.train_labels), len(result.test_labels))
    if found != tuple(COMPLETE.values()):
        differs = ", ".join(
            f"{count} {name} instead of {complete}"
            for count, (name, complete) in zip(found, COMPLETE.items(), strict=True)
            if count != complete
        )
        report(f"warning: {root} is not all of ILSVRC 2012: {differs}.")
    return result


def _images(folder: Path) -> dict[str, list[str]]:
    """Return the names of the JPEG files of each synset."""
    listed = by_class(folder)
    return {
        name: [file for file in files if file.lower().endswith(SUFFIXES)] for name, files in listed.items()
    }


def _listed(root: Path, part: str, images: dict[str, list[str]]) -> tuple[ImageFiles, Labels]:
    """Return the files of a set and their labels (N,)."""
    names = [os.fsencode(f"{part}/{synset}/{file}") for synset, files in images.items() for file in files]
    labels = np.repeat(np.arange(len(images)), [len(files) for files in images.values()])
    return ImageFiles(np.array(names), root), labels.astype(label_dtype(len(images)))
