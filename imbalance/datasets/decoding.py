"""Decoding of image files, in any format that Pillow reads, to square arrays of one size."""

import hashlib
import re
import warnings
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

LISTED = 20  # names of left-out files in a report, at most


@dataclass(frozen=True)
class Picture:
    """A decoded image, uint8 (channels, pixels, pixels), with facts about its file."""

    image: Bytes
    digest: bytes  # SHA-256 of the pixels, by which identical images are found
    has_pages: bool  # the file has further pages or frames; the image is the first
    loses_bits: bool  # the file has 16-bit colours, of which Pillow reads the upper 8 bits


def decoded(
    root: Path, paths: Sequence[Path], pixels: int, mode: Mode, bits: int, report: Report
) -> dict[Path, Picture]:
    """Decode the files at `paths` below `root`; files that cannot be read are reported and left out."""

    def attempt(path: Path) -> Picture | str:
        try:
            with _open(path) as image:
                # the second image of an MPO file is the camera's preview
                pages = getattr(image, "is_animated", False) and image.format != "MPO"
                layouts = str(getattr(image, "tile", []))  # may contain, for instance, RGB;16B
                lost = bool(re.search(";16[BLN]", layouts)) and not _is_deep(image)
            square = decode(path, pixels, mode, bits)
            return Picture(square, hashlib.sha256(square.tobytes()).digest(), pages, lost)
        except UnidentifiedImageError:
            return "not an image of a known format"
        except Image.DecompressionBombError:
            millions = 2 * (Image.MAX_IMAGE_PIXELS or 0) // 10**6
            return f"it has more than {millions} million pixels, which may fill the memory; make it smaller"
        except Exception as error:  # damaged files: OSError, SyntaxError, ValueError, struct.error, and more
            return str(error) or type(error).__name__

    pictures, left_out = {}, []
    # Pillow's remarks on single files, such as broken metadata
    with warnings.catch_warnings(action="ignore"):
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
    """Decode a file's first image, uint8 (channels, pixels, pixels), turned upright by its EXIF orientation.

    The largest centred square is cropped and resized with antialiasing, so that shapes are not distorted.
    Transparent pixels become white. Grey values of 16-bit files are read as numbers of `bits` bits, of which
    the upper 8 are kept; larger values become white. PGM files say themselves which value is white. Raises
    whatever Pillow raises.
    """
    with _open(path) as image:
        has_own_white = image.format == "PPM" and image.mode == "I"  # Pillow makes it 65535
        image.draft(None, (2 * pixels, 2 * pixels))  # a large JPEG is decoded at a fraction of its size
        upright = ImageOps.exif_transpose(image)
    if _is_deep(upright):
        upright = Image.fromarray(np.minimum(np.asarray(upright) >> (bits - 8), 255).astype(np.uint8))
    if has_own_white:
        upright = Image.fromarray((np.asarray(upright) >> 8).astype(np.uint8))
    if upright.mode in ("I", "F"):
        raise ValueError("its numbers have 32 bits and no known range; convert it to 8 or 16 bits")
    if upright.has_transparency_data:
        upright = upright.convert("RGBA")
        upright = Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright)
    square = ImageOps.fit(upright.convert(mode), (pixels, pixels), Image.Resampling.BICUBIC)
    return np.atleast_3d(np.asarray(square)).transpose(2, 0, 1)


def is_image(name: str) -> bool:
    """Return whether a file name has the suffix of a format that Pillow reads."""
    return Image.registered_extensions().get(Path(name).suffix.lower()) in Image.OPEN


def bits_of(root: Path, paths: Sequence[Path], report: Report) -> int:
    """Return how many bits, 8 to 16, the largest grey value of all 16-bit files needs.

    All images share this scale; the number is reported.
    """

    def largest(path: Path) -> int | None:
        """Return the largest value of a 16-bit grey file, or None for any other file."""
        try:
            with _open(path) as image:
                return int(np.asarray(image).max()) if _is_deep(image) else None
        except Exception:  # `decoded` reports the error
            return None

    with warnings.catch_warnings(action="ignore"):  # as in `decoded`
        found = list(_in_threads(largest, [root / path for path in paths]))
    values = [value for value in found if value is not None]
    if not values:
        return 16
    bits = max(max(values).bit_length(), 8)
    report(
        f"note: the largest grey value in {len(values)} files of 16 bits is {max(values)}: they are read as "
        f"numbers of {bits} bits (image_folder.bits)"
    )
    return bits


def unread(pictures: Mapping[Path, Picture]) -> Iterator[str]:
    """Yield a warning for pages, and for bits, that were not read from the decoded files."""
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
    """Open an image file; a pipe is refused, since Pillow would wait for it for ever."""
    if path.exists() and not path.is_file():
        raise ValueError("neither a file nor a folder")
    return Image.open(path)


def _is_deep(image: Image.Image) -> bool:
    """Return whether an image has 16-bit grey values."""
    return image.mode.startswith("I;16")


def _in_threads(function: Callable[[Path], Result], paths: Iterable[Path]) -> Iterator[Result]:
    """Yield function(path) for each path, in order, computed by threads: Pillow releases the GIL."""
    parallel = Parallel(n_jobs=-1, prefer="threads", return_as="generator")
    return parallel(delayed(function)(path) for path in paths)
