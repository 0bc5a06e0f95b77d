"""The user's own images as canonical arrays: any format that Pillow reads, any size, grey or coloured.

They are in `root/train/<class>/` and `root/test/<class>/`, or in `root/<class>/`, which is then split. Hidden
files and folders are ignored; what is no readable image is reported and left out.
"""

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from joblib import Parallel, delayed
from PIL import Image, ImageOps, UnidentifiedImageError
from tqdm import tqdm

from imbalance.arrays import Arrays, Bytes, Labels, label_dtype
from imbalance.errors import InputError
from imbalance.folders import by_class, check_classes

Color = Literal["auto", "grey", "rgb"]
Paths = dict[str, list[Path]]  # by class

LISTED = 20  # of the files that are left out
EXPECTED = "folders train/<class>/ and test/<class>/, or just <class>/, with images in them"


def read(
    root: Path, pixels: int, color: Color, test_fraction: float, report: Callable[[str], object]
) -> Arrays:
    """All images below `root`, uint8 (N, channels, pixels, pixels), by class and file name.

    They have one channel where `color` is "grey", or "auto" and all are grey, and else three. `report` gets
    lines on what is left out. Raises `InputError` where no data set is left.
    """
    if not root.is_dir():
        raise InputError(f"image_folder.root: there is no folder {root}; expected are {EXPECTED}.")
    is_split = (root / "train").is_dir() and (root / "test").is_dir()
    found = [_below(folder) for folder in ([root / "train", root / "test"] if is_split else [root])]
    paths = [path for part in found for files in part.values() for path in files]
    images = _decoded(paths, pixels, "L" if color == "grey" else "RGB", report)
    readable = [
        {name: [path for path in files if path in images] for name, files in part.items()} for part in found
    ]
    train, test = readable if is_split else split(readable[0], test_fraction)
    classes = check_classes(train, test, root, EXPECTED)
    if color == "auto" and all((image == image[:1]).all() for image in images.values()):
        images = {path: image[:1] for path, image in images.items()}
    return Arrays(*_stacked(train, images, classes), *_stacked(test, images, classes), classes)


def split(paths: Paths, fraction: float) -> tuple[Paths, Paths]:
    """The training and the test part. The latter is a `fraction` of each class: one image or more, never all.

    Which ones, a hash of their names says, and nothing else: so the split is the same everywhere, and images
    that are added later leave nearly all others where they are.
    """
    train, test = {}, {}
    for name, files in paths.items():
        drawn = sorted(files, key=lambda path: hashlib.sha256(os.fsencode(f"{name}/{path.name}")).digest())
        size = min(max(round(fraction * len(files)), 1), len(files) - 1) if files else 0
        test[name], train[name] = sorted(drawn[:size]), sorted(drawn[size:])
    return train, test


def decode(path: Path, pixels: int, mode: Literal["L", "RGB"]) -> Bytes:
    """An image file's first image, uint8 (channels, pixels, pixels), upright by its EXIF orientation.

    It is the largest centred square, resized with antialiasing, so that shapes stay as they are. What is
    transparent becomes white. Of 16 bits of grey the upper 8 count. Raises whatever Pillow raises.
    """
    with Image.open(path) as image:
        image.draft(None, (2 * pixels, 2 * pixels))  # a large JPEG is decoded at a fraction of its size
        upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith("I;16"):
        upright = Image.fromarray((np.asarray(upright) >> 8).astype(np.uint8))
    if upright.mode in ("I", "F"):
        raise ValueError("its numbers have 32 bits and no known range; convert it to 8 or 16 bits")
    if upright.has_transparency_data:
        upright = upright.convert("RGBA")
        upright = Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright)
    square = ImageOps.fit(upright.convert(mode), (pixels, pixels), Image.Resampling.BICUBIC)
    return np.atleast_3d(np.asarray(square)).transpose(2, 0, 1)


def _below(folder: Path) -> Paths:
    return {name: [folder / name / file for file in files] for name, files in by_class(folder).items()}


def _decoded(
    paths: Sequence[Path], pixels: int, mode: Literal["L", "RGB"], report: Callable[[str], object]
) -> dict[Path, Bytes]:
    """The images that can be read; the others are reported. Threads suffice: Pillow releases the GIL."""

    def attempt(path: Path) -> Bytes | str:
        try:
            return decode(path, pixels, mode)
        except UnidentifiedImageError:
            return "not an image of a known format"
        except Exception as error:  # damaged files: OSError, SyntaxError, ValueError, struct.error, and more
            return str(error) or type(error).__name__

    parallel = Parallel(n_jobs=-1, prefer="threads", return_as="generator")
    results = parallel(delayed(attempt)(path) for path in paths)
    images, left_out = {}, []
    for path, result in zip(tqdm(paths, "images", leave=False, disable=None), results, strict=True):
        if isinstance(result, str):
            left_out.append(f"left out {path}: {result}")
        else:
            images[path] = result
    for line in left_out[:LISTED]:
        report(line)
    if left_out:
        report(f"left out {len(left_out)} of {len(paths)} files")
    return images


def _stacked(paths: Paths, images: Mapping[Path, Bytes], classes: Sequence[str]) -> tuple[Bytes, Labels]:
    """The images (N, channels, pixels, pixels) and labels (N,) of a set, by class."""
    labels = np.repeat(np.arange(len(classes)), [len(paths[name]) for name in classes])
    stacked = np.stack([images[path] for name in classes for path in paths[name]])
    return stacked, labels.astype(label_dtype(len(classes)))
