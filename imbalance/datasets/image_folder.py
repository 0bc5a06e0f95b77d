"""The user's own images as canonical arrays: any format that Pillow reads, any size, grey or coloured.

They are in `root/train/<class>/` and `root/test/<class>/`, or in `root/<class>/`, which is then split.
Folders in a class folder belong to the class. Hidden files and folders are ignored; other images that are not
read, or that are there twice, are reported with their number.
"""

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import numpy as np
from joblib import Parallel, delayed
from PIL import Image, ImageOps, UnidentifiedImageError
from tqdm import tqdm

from imbalance.data.arrays import Arrays, Bytes, Labels, label_dtype
from imbalance.datasets.folders import check_classes, files_below, some, within
from imbalance.errors import InputError

Bits = int | Literal["auto"]
Color = Literal["auto", "grey", "rgb"]
Mode = Literal["L", "RGB"]
Report = Callable[[str], object]
Paths = dict[str, list[Path]]  # by class; below the root
Result = TypeVar("Result")

LISTED = 20  # of the files that are left out
EXPECTED = "folders train/<class>/ and test/<class>/, or just <class>/, with images in them"


@dataclass(frozen=True)
class Picture:
    """An image as networks see it, uint8 (channels, pixels, pixels), and what else is known of its file."""

    image: Bytes
    digest: bytes  # of the file's bytes, by which identical files are found
    has_pages: bool  # or frames, of which the image is the first
    loses_bits: bool  # colours of 16 bits, of which Pillow reads the upper 8


def read(root: Path, pixels: int, color: Color, bits: Bits, test_fraction: float, report: Report) -> Arrays:
    """All images below `root`, uint8 (N, channels, pixels, pixels), by class and file name.

    They have one channel where `color` is "grey", or "auto" and all are grey, and else three. The grey values
    of 16-bit files are numbers of so many `bits`; "auto" means as many as the largest of them all needs.
    `report` gets lines on what is left out or doubtful. Raises `InputError` where no data set is left.
    """
    if not root.is_dir():
        raise InputError(f"image_folder.root: there is no folder {root}; expected are {EXPECTED}.")
    found = find(root, report)
    paths = [path for part in found for files in part.values() for path in files]
    depth = _bits(root, paths, report) if bits == "auto" else bits
    pictures = _decoded(root, paths, pixels, "L" if color == "grey" else "RGB", depth, report)
    for line in _unread(pictures):
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
    """The files of each class in the training set and in the test set; or in one, where they are not split.

    `report` gets lines on images that no class folder holds. Raises `InputError` where a folder is a link, or
    looks like a training set that has no test set beside it: the two would be taken for classes.
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
    """The training and the test part. The latter is a `fraction` of each class: one image or more, never all.

    Which ones, a hash of their names says, and nothing else: so the split is the same everywhere, and images
    that are added later leave nearly all others where they are. Identical files of a class (by `digests`)
    stay together, unless the class has no others.
    """
    train, test = {}, {}
    for name, files in paths.items():
        draws = {path: hashlib.sha256(os.fsencode(path)).digest() for path in files}
        earliest: dict[bytes, bytes] = {}
        for path, draw in draws.items():
            earliest[digests[path]] = min(draw, earliest.get(digests[path], draw))
        drawn = sorted(files, key=lambda path: (earliest[digests[path]], draws[path]))
        kinds = [digests[path] for path in drawn]
        wanted = min(max(round(fraction * len(files)), 1), len(files) - 1) if files else 0
        cuts = [at for at in range(1, len(files)) if kinds[at - 1] != kinds[at]] or [wanted]
        cut = min(cuts, key=lambda at: abs(at - wanted))
        test[name], train[name] = sorted(drawn[:cut]), sorted(drawn[cut:])
    return train, test


def decode(path: Path, pixels: int, mode: Mode, bits: int = 16) -> Bytes:
    """An image file's first image, uint8 (channels, pixels, pixels), upright by its EXIF orientation.

    It is the largest centred square, resized with antialiasing, so that shapes stay as they are. What is
    transparent becomes white. Of 16-bit grey values, numbers of so many `bits`, the upper 8 count; larger
    ones are white. Raises whatever Pillow raises.
    """
    with _open(path) as image:
        image.draft(None, (2 * pixels, 2 * pixels))  # a large JPEG is decoded at a fraction of its size
        upright = ImageOps.exif_transpose(image)
    if _is_deep(upright):
        upright = Image.fromarray(np.minimum(np.asarray(upright) >> (bits - 8), 255).astype(np.uint8))
    if upright.mode in ("I", "F"):
        raise ValueError("its numbers have 32 bits and no known range; convert it to 8 or 16 bits")
    if upright.has_transparency_data:
        upright = upright.convert("RGBA")
        upright = Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright)
    square = ImageOps.fit(upright.convert(mode), (pixels, pixels), Image.Resampling.BICUBIC)
    return np.atleast_3d(np.asarray(square)).transpose(2, 0, 1)


def _is_image(name: str) -> bool:
    """Whether a file is called like one that Pillow reads."""
    return Image.registered_extensions().get(Path(name).suffix.lower()) in Image.OPEN


def _open(path: Path) -> Image.Image:
    """Open an image file; not a pipe, at which Pillow would wait for ever."""
    if path.exists() and not path.is_file():
        raise ValueError("neither a file nor a folder")
    return Image.open(path)


def _is_deep(image: Image.Image) -> bool:
    """Whether an image has grey values of 16 bits."""
    return image.mode.startswith("I;16")


def _bits(root: Path, paths: Sequence[Path], report: Report) -> int:
    """The bits that the largest grey value of all 16-bit files needs, 8 to 16: one scale for all images."""

    def largest(path: Path) -> int | None:
        """The largest value of a 16-bit grey file; None for any other."""
        try:
            with _open(path) as image:
                return int(np.asarray(image).max()) if _is_deep(image) else None
        except Exception:  # `_decoded` says what is wrong with it
            return None

    values = [value for value in _in_threads(largest, [root / path for path in paths]) if value is not None]
    if not values:
        return 16
    bits = max(max(values).bit_length(), 8)
    report(
        f"note: the largest grey value in {len(values)} files of 16 bits is {max(values)}: they are read as "
        f"numbers of {bits} bits (image_folder.bits)"
    )
    return bits


def _decoded(
    root: Path, paths: Sequence[Path], pixels: int, mode: Mode, bits: int, report: Report
) -> dict[Path, Picture]:
    """The images that can be read; the others are reported."""

    def attempt(path: Path) -> Picture | str:
        try:
            with _open(path) as image:
                pages = getattr(image, "is_animated", False) and image.format != "MPO"  # a camera's preview
                layouts = str(getattr(image, "tile", []))  # with the likes of RGB;16B
                lost = bool(re.search(";16[BLN]", layouts)) and not _is_deep(image)
            digest = hashlib.sha256(path.read_bytes()).digest()
            return Picture(decode(path, pixels, mode, bits), digest, pages, lost)
        except UnidentifiedImageError:
            return "not an image of a known format"
        except Exception as error:  # damaged files: OSError, SyntaxError, ValueError, struct.error, and more
            return str(error) or type(error).__name__

    pictures, left_out = {}, []
    results = _in_threads(attempt, [root / path for path in paths])
    for path, result in zip(tqdm(paths, "images", leave=False, disable=None), results, strict=True):
        if isinstance(result, str):
            left_out.append(f"left out {root / path}: {result}")
        else:
            pictures[path] = result
    for line in left_out[:LISTED]:
        report(line)
    if left_out:
        report(f"left out {len(left_out)} of {len(paths)} files")
    return pictures


def _in_threads(function: Callable[[Path], Result], paths: Iterable[Path]) -> Iterator[Result]:
    """The results of a function of files, in their order. Threads suffice: Pillow releases the GIL."""
    parallel = Parallel(n_jobs=-1, prefer="threads", return_as="generator")
    return parallel(delayed(function)(path) for path in paths)


def _unread(pictures: Mapping[Path, Picture]) -> Iterator[str]:
    """What was not read of files that were."""
    if paged := [str(path) for path, picture in pictures.items() if picture.has_pages]:
        yield (
            f"warning: {len(paged)} files have further pages or frames, which are not read; save each as a "
            f"file of its own: {some(paged)}"
        )
    if lossy := [str(path) for path, picture in pictures.items() if picture.loses_bits]:
        yield (
            f"warning: {len(lossy)} files have colours of 16 bits, of which the upper 8 are read; if they "
            f"use fewer than 16, convert them to 8: {some(lossy)}"
        )


def _repeated(train: Paths, test: Paths, digests: Mapping[Path, bytes]) -> Iterator[str]:
    """Which files have the same bytes in the training and in the test set, or in two classes."""
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
    """How many of the folders in class folders a split of our own has divided."""
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
    """The images (N, channels, pixels, pixels) and labels (N,) of a set, by class."""
    labels = np.repeat(np.arange(len(classes)), [len(paths[name]) for name in classes])
    stacked = np.stack([images[path] for name in classes for path in paths[name]])
    return stacked, labels.astype(label_dtype(len(classes)))
