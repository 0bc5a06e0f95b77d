"""Image files as arrays: any format that Pillow reads, any size, grey or coloured, as squares of one size."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import numpy as np
from joblib import Parallel, delayed
from PIL import Image, ImageOps, UnidentifiedImageError
from tqdm import tqdm

from imbalance.data.arrays import Bytes
from imbalance.datasets.folders import some

Mode = Literal["L", "RGB"]
Report = Callable[[str], object]
Result = TypeVar("Result")

LISTED = 20  # of the files that are left out


@dataclass(frozen=True)
class Picture:
    """An image as networks see it, uint8 (channels, pixels, pixels), and what else is known of its file."""

    image: Bytes
    digest: bytes  # of the file's bytes, by which identical files are found
    has_pages: bool  # or frames, of which the image is the first
    loses_bits: bool  # colours of 16 bits, of which Pillow reads the upper 8


def decoded(
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


def bits_of(root: Path, paths: Sequence[Path], report: Report) -> int:
    """The bits that the largest grey value of all 16-bit files needs, 8 to 16: one scale for all images."""

    def largest(path: Path) -> int | None:
        """The largest value of a 16-bit grey file; None for any other."""
        try:
            with _open(path) as image:
                return int(np.asarray(image).max()) if _is_deep(image) else None
        except Exception:  # `decoded` says what is wrong with it
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


def unread(pictures: Mapping[Path, Picture]) -> Iterator[str]:
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


def _open(path: Path) -> Image.Image:
    """Open an image file; not a pipe, at which Pillow would wait for ever."""
    if path.exists() and not path.is_file():
        raise ValueError("neither a file nor a folder")
    return Image.open(path)


def _is_deep(image: Image.Image) -> bool:
    """Whether an image has grey values of 16 bits."""
    return image.mode.startswith("I;16")


def _in_threads(function: Callable[[Path], Result], paths: Iterable[Path]) -> Iterator[Result]:
    """The results of a function of files, in their order. Threads suffice: Pillow releases the GIL."""
    parallel = Parallel(n_jobs=-1, prefer="threads", return_as="generator")
    return parallel(delayed(function)(path) for path in paths)
