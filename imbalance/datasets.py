"""The known data sets: their classes, the checksums of their files, and how the arrays are made of those."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from imbalance.arrays import ARRAYS, Arrays, Bytes, fingerprint
from imbalance.errors import InputError


@dataclass(frozen=True)
class IdxFile:
    """One of LeCun's idx files, not gzipped: its name, its length in bytes, the SHA-256 of them all."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class DatasetSpec:
    """A known data set: classes, the `fingerprint` of its arrays, its idx files in the order of `ARRAYS`."""

    name: str
    classes: tuple[str, ...]
    sha256: str
    idx: tuple[IdxFile, ...] = ()


def _spec(name: str, classes: str, sha256: str, *idx_sha256: str) -> DatasetSpec:
    """A data set with MNIST's four files, or, without `idx_sha256`, with none."""
    names = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
    sizes = (47_040_016, 60_008, 7_840_016, 10_008)
    idx = tuple(map(IdxFile, (f"{name}-ubyte" for name in names), sizes, idx_sha256))
    return DatasetSpec(name, tuple(classes.split(", ")), sha256, idx)


_FIGURES = "0, 1, 2, 3, 4, 5, 6, 7, 8, 9"
_CLOTHES = "T-shirt/top, Trouser, Pullover, Dress, Coat, Sandal, Shirt, Sneaker, Bag, Ankle boot"
_KNOWN = (
    _spec(
        "mnist",
        _FIGURES,
        "c9ce45a79b9c9ab2328948354d09307b85033b83396f19535466ae2babfaa8c2",
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
    _spec(
        "fashion_mnist",
        _CLOTHES,
        "0e5cbc2d81cda4dcae04d09f40537a9012a7527328a5ef8e915d14f20f7f0397",
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    ),
    _spec("digits", _FIGURES, "c4f1edf6a148a0ca5f5683ac796611d0dfd575dd4107bc52570371239eed6a98"),
)
DATASETS: dict[str, DatasetSpec] = {spec.name: spec for spec in _KNOWN}


def read_idx(data: bytes, name: str = "the idx file") -> Bytes:
    """The uint8 array in an idx file's bytes, read-only, in the shape that its header gives.

    Raises `InputError` on a wrong magic number (0, 0, 8 for unsigned bytes, number of dimensions) or length.
    """
    if len(data) < 4 or data[:3] != b"\x00\x00\x08" or data[3] == 0:
        raise InputError(f"{name} is no idx file of unsigned bytes: it begins with '{data[:4].hex(' ')}'.")
    start = 4 + 4 * data[3]
    # A header cut short gives too few dimensions here, and then too few bytes below.
    shape = tuple(int.from_bytes(data[at : at + 4], "big") for at in range(4, min(start, len(data)), 4))
    if len(data) != (size := start + math.prod(shape)):
        raise InputError(f"{name} has {len(data)} bytes, but {size} by its header; fetch it again.")
    return np.frombuffer(data, np.uint8, offset=start).reshape(shape)


def from_idx(spec: DatasetSpec, files: Mapping[str, bytes]) -> Arrays:
    """The canonical arrays in a data set's idx files (bytes, not gzipped, by name); images get a channel."""
    arrays = [read_idx(files[file.name], file.name) for file in spec.idx]
    return _checked(spec, *(array[:, None] if array.ndim == 3 else array for array in arrays))


def digits() -> Arrays:
    """scikit-learn's 1797 digits (8x8, 0..16) made MNIST-shaped, so that the same networks fit: uint8 28x28.

    Values are scaled to 0..255, each pixel enlarged to 3x3, with a border of 2 zeros. The last 50 images
    of each class are the test set (500), the other 1297 the training set, both in the original order.
    """
    from sklearn.datasets import load_digits  # takes a second, and only this data set needs it

    values, labels = load_digits(return_X_y=True)
    pixels = np.rint(values.reshape(-1, 8, 8) * 255 / 16).astype(np.uint8)
    images = np.pad(np.kron(pixels, np.ones((1, 3, 3), np.uint8)), ((0, 0), (2, 2), (2, 2)))[:, None]
    labels = labels.astype(np.uint8)
    test = np.zeros(len(labels), bool)
    test[[np.flatnonzero(labels == label)[-50:] for label in range(10)]] = True
    return _checked(DATASETS["digits"], images[~test], labels[~test], images[test], labels[test])


def _checked(spec: DatasetSpec, *arrays: Bytes) -> Arrays:
    """The arrays, if they are those that this project's results rest on."""
    result = Arrays(**dict(zip(ARRAYS, arrays, strict=True)), classes=spec.classes)
    if (found := fingerprint(result)) != spec.sha256:
        raise InputError(f"{spec.name} has changed (SHA-256 {found[:12]}...); install requirements.lock.")
    return result
