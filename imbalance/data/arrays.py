"""The canonical arrays of a data set on disk: the same bytes, whichever source they came from.

`data/raw/<dataset>/` holds `train_images.npy` and `test_images.npy`, uint8 (N, channels, height, width);
`train_labels.npy` and `test_labels.npy`, (N,), uint8, or uint16 for more than 256 classes; and `classes.txt`,
one class name per line. If the images stay files (imbalance/data/files.py), `train_files.npy` and
`test_files.npy`, bytes (N,), hold the file names in place of the images. Of a table, `train_rows.npy` and
`test_rows.npy`, float32 (N, D), hold the features of its rows.

If the training images have groups, `groups.npy`, uint32 (N,), numbers them. If every replicate is to test
another part of the images, `images.npy` and `labels.npy` hold all of them, and `test_fraction.npy` says how
large the part is.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.lib.format as npy
from numpy.typing import NDArray

from imbalance.data import files
from imbalance.data.files import ImageFiles
from imbalance.disk import replacing, sibling_of
from imbalance.errors import InputError

Bytes = NDArray[np.uint8]
Rows = NDArray[np.float32]
Images = Bytes | ImageFiles | Rows
Labels = NDArray[np.unsignedinteger]

ARRAYS = ("train_images", "train_labels", "test_images", "test_labels")
FILES = ("train_files", "train_labels", "test_files", "test_labels")
ROWS = ("train_rows", "train_labels", "test_rows", "test_labels")
POOL = ("images", "labels", "images", "labels")
GROUPS, FRACTION = "groups", "test_fraction"
CLASSES = "classes.txt"
AGAIN = "delete the folder and run `python -m stages.download`."
REPRO = "delete the folder and run `dvc repro`."


@dataclass(frozen=True)
class Arrays:
    """A data set: images, uint8 (N, channels, height, width), labels (N,), and the class names by label.

    The rows of a table, float32 (N, D), take the place of images. Images of one of the `groups` (N,) of the
    training set stay together when some are held out. With a `test_fraction`, training and test set are the
    same images, of which every replicate tests a part of its own.
    """

    train_images: Images
    train_labels: Labels
    test_images: Images
    test_labels: Labels
    classes: tuple[str, ...]
    groups: NDArray[np.uint32] | None = None
    test_fraction: float | None = None


def label_dtype(classes: int) -> np.dtype[np.unsignedinteger]:
    """Return the smallest unsigned type that holds the labels of so many classes.

    >>> label_dtype(256), label_dtype(257)
    (dtype('uint8'), dtype('uint16'))
    """
    return np.min_scalar_type(classes - 1)


def fingerprint(arrays: Arrays) -> str:
    """Return the SHA-256, in hex, over class names, dtypes, shapes and values: equal only for equal data.

    For images that stay files, only their names are hashed: reading 150 GB at every start takes too long.
    """
    digest = hashlib.sha256("\n".join(arrays.classes).encode())
    for array in _stored(arrays).values():
        digest.update(repr((array.dtype.str, array.shape)).encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def load(folder: Path) -> Arrays:
    """Open the canonical arrays in a folder, read-only and memory-mapped.

    Raises `InputError` if a file is missing or damaged, or is inconsistent with the others.
    """
    stored = next((names for names in (FILES, ROWS, POOL) if (folder / f"{names[0]}.npy").exists()), ARRAYS)
    opened: list[Any] = [_open(folder / f"{name}.npy", AGAIN) for name in stored]
    if stored is FILES:
        opened[::2] = (ImageFiles(names, files.root(folder)) for names in opened[::2])
    try:
        classes = tuple((folder / CLASSES).read_text(encoding="utf-8").splitlines())
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{folder / CLASSES} cannot be read ({error}); {AGAIN}") from error
    more: dict[str, Any] = {
        name: _open(folder / f"{name}.npy", AGAIN)
        for name in (GROUPS, FRACTION)
        if (folder / f"{name}.npy").exists()
    }
    if (part := more.get(FRACTION)) is not None:
        more[FRACTION] = float(part[0]) if part.shape == (1,) and part.dtype == np.float64 else np.nan
    result = Arrays(**dict(zip(ARRAYS, opened, strict=True)), classes=classes, **more)
    if problem := next(_problems(result), None):
        raise InputError(f"{folder}: {problem}; {AGAIN}")
    return result


def _stored(arrays: Arrays) -> dict[str, NDArray[Any]]:
    """Return the arrays to store, by file name without .npy: images, their file names or rows, and labels."""
    stored: dict[str, NDArray[Any]] = {}
    for array, file, rows, pool in zip(ARRAYS, FILES, ROWS, POOL, strict=True):
        value = getattr(arrays, array)
        if isinstance(value, ImageFiles):
            stored[file] = value.names
        elif arrays.test_fraction is not None:
            stored[pool] = value
        else:
            stored[rows if _is_table(value) else array] = value
    if arrays.groups is not None:
        stored[GROUPS] = arrays.groups
    if arrays.test_fraction is not None:
        stored[FRACTION] = np.array([arrays.test_fraction])
    return stored


def _is_table(array: NDArray[Any]) -> bool:
    return array.dtype == np.float32 and array.ndim == 2


def read(path: Path) -> NDArray[Any]:
    """Read one npy file of any dtype but objects; raises `InputError` if it is missing or damaged."""
    return np.array(_open(path, REPRO))


def write(array: NDArray[Any], path: Path) -> None:
    """Write one npy file atomically; raises `InputError` if it cannot be written."""
    with replacing(path) as part:
        _write(array, part)


def _open(path: Path, again: str) -> NDArray[Any]:
    if not path.is_file():
        raise InputError(f"{path} is missing; {again}")
    try:
        return npy.open_memmap(path, mode="r")  # refuses pickled objects
    except Exception as error:  # seen on damaged headers: ValueError, TypeError, TokenError
        raise InputError(f"{path} cannot be read ({' '.join(str(error).split())}); {again}") from error


def _problems(arrays: Arrays) -> Iterator[str]:
    """Yield the inconsistencies of the arrays; each check relies on those before it having passed."""
    if not arrays.classes or any(name.splitlines() != [name] for name in arrays.classes):
        yield f"{CLASSES} must have one class name on each line"
    for split in ("train", "test"):
        images, labels = getattr(arrays, f"{split}_images"), getattr(arrays, f"{split}_labels")
        if isinstance(images, ImageFiles):
            names = images.names
            if names.dtype.kind != "S" or names.ndim != 1 or names.size == 0:
                yield f"{split}_files must be bytes (N,), not {names.dtype} {names.shape}"
        elif _is_table(images):
            if images.size == 0 or not np.isfinite(images).all():
                yield f"{split}_rows must be finite numbers, float32 (N, D), not {images.shape} or infinite"
        elif images.dtype != np.uint8 or images.ndim != 4 or images.size == 0:
            yield f"{split}_images must be uint8 (N, C, height, width), not {images.dtype} {images.shape}"
        if labels.dtype != (dtype := label_dtype(len(arrays.classes))) or labels.shape != images.shape[:1]:
            yield f"{split}_labels must be {dtype} {images.shape[:1]}, not {labels.dtype} {labels.shape}"
        if labels.max() >= len(arrays.classes):
            yield f"{split}_labels has label {labels.max()}, but {CLASSES} has {len(arrays.classes)} classes"
    if (train := arrays.train_images.shape[1:]) != (test := arrays.test_images.shape[1:]):
        noun = "a row" if len(train) == 1 else "an image"
        yield f"{noun} is {train} in the training set, but {test} in the test set"
    groups, fraction, shape = arrays.groups, arrays.test_fraction, arrays.train_labels.shape
    if groups is not None and (groups.dtype != np.uint32 or groups.shape != shape):
        yield f"groups must be uint32 {shape}, not {groups.dtype} {groups.shape}"
    if fraction is not None and (groups is None or not 0 < fraction < 1):
        yield f"with test_fraction, {fraction}, there must be groups, and it must be between 0 and 1"


def save(arrays: Arrays, folder: Path) -> None:
    """Write the canonical arrays, replacing the folder atomically.

    Raises `InputError` if the arrays are inconsistent, or if the folder cannot be written or holds other
    files.
    """
    if problem := next(_problems(arrays), None):
        raise InputError(f"{folder} is not written: {problem}.")
    try:
        names = (*ARRAYS, *FILES, *ROWS, *POOL, GROUPS, FRACTION)
        ours = {CLASSES, *(f"{name}.npy" for name in names)}
        if folder.exists() and (others := {path.name for path in folder.iterdir()} - ours):
            raise InputError(f"{folder} also holds {min(others)}, which would be lost; move it up a folder.")
        folder.parent.mkdir(parents=True, exist_ok=True)
        # A sibling folder is on the same file system, so renaming is atomic. Old files are moved and deleted,
        # never written to, as DVC may have linked them to its cache.
        with sibling_of(folder) as sibling:
            (new := sibling / "new").mkdir()
            for name, array in _stored(arrays).items():
                _write(array, new / f"{name}.npy")
            (new / CLASSES).write_text("".join(f"{name}\n" for name in arrays.classes), encoding="utf-8")
            if folder.exists():
                folder.rename(sibling / "old")
            new.rename(folder)
    except OSError as error:
        raise InputError(f"{folder} cannot be written ({error}); make room or give permission.") from error


def _write(array: NDArray[Any], path: Path) -> None:
    """Write an npy file like `np.save`, which was seen (NumPy 2.4.6) to lose the error of a full disk."""
    array = np.ascontiguousarray(array)
    with path.open("wb") as file:
        npy.write_array_header_1_0(file, npy.header_data_from_array_1_0(array))
        file.write(array.data)
