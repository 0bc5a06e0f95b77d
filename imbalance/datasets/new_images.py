"""New image files, for networks that are trained already: decoded as those of a folder are for training."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from imbalance.data.arrays import Bytes
from imbalance.datasets.decoding import Mode, Report, bits_of, decoded
from imbalance.datasets.folders import files_below, some
from imbalance.errors import InputError

CHUNK = 256  # images in memory at a time


def find(folder: Path, report: Report) -> list[Path]:
    """Return the sorted image files below `folder`, relative to it; `report` is told of the other files.

    Raises `InputError` if there is no image.
    """
    if not folder.is_dir():
        raise InputError(f"there is no folder {folder}; name the one that the images are in.")
    suffixes = {suffix for suffix, form in Image.registered_extensions().items() if form in Image.OPEN}
    files = [path.relative_to(folder) for path in files_below(folder)]
    images = [path for path in files if path.suffix.lower() in suffixes]
    if not images:
        raise InputError(f"{folder} has no image files in it, such as .png or .jpg; name the right folder.")
    if others := [str(path) for path in files if path.suffix.lower() not in suffixes]:
        report(f"note: passed over {len(others)} files whose names do not end as images' do: {some(others)}")
    return images


def read(
    root: Path, paths: Sequence[Path], shape: tuple[int, int, int], bits: int | None, to_grey: bool
) -> Iterator[Bytes]:
    """Yield the files as chunks of images (n, channels, side, side), decoded as for training.

    Grey values of 16-bit files are numbers of `bits` bits. Coloured images are made grey if `to_grey`.
    Raises `InputError` if a file cannot be read, has 16 bits while `bits` is None, or is coloured while
    networks of grey images must not get it.
    """
    channels, side, _ = shape
    deep: list[str] = []
    if bits is None and bits_of(root, paths, deep.append) and deep:
        raise InputError(
            f"{root} has grey images of 16 bits, and a model file does not say how many of them count; give "
            "--bits, as the stage download reported it (16, unless it did)."
        )
    mode: Mode = "L" if channels == 1 and to_grey else "RGB"
    for start in range(0, len(paths), CHUNK):
        chunk = paths[start : start + CHUNK]
        failed: list[str] = []
        pictures = decoded(root, chunk, side, mode, bits or 16, failed.append)
        if failed:
            raise InputError(
                f"{failed[0].removeprefix('left out ')}; take out what cannot be read, or repair it."
            )
        yield np.stack([_like_training(root / path, pictures[path].image, channels) for path in chunk])


def _like_training(path: Path, image: Bytes, channels: int) -> Bytes:
    """Return an image with so many channels; raises `InputError` if one is not enough for its colours."""
    if len(image) > channels and (image != image[:1]).any():
        raise InputError(
            f"{path} is coloured, and the networks were trained on grey images; give --grey if these were "
            "made grey for the training (image_folder.color: grey)."
        )
    return image[:channels]
