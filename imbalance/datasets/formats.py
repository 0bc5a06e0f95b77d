"""The forms in which data sets are published: how the bytes of their files become arrays.

A form gives training images, uint8 (N, channels, height, width), their labels (N,), and both of the test set.
"""

import io
import json
import math
import pickle
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import numpy as np
from PIL import Image

from imbalance.data.arrays import Bytes
from imbalance.errors import InputError

Quartet = tuple[Bytes, Bytes, Bytes, Bytes]


def idx(files: Mapping[str, bytes]) -> Quartet:
    """Grey images and labels in four of LeCun's idx files, in the order of the result."""
    images, labels, test_images, test_labels = (read_idx(data, name) for name, data in files.items())
    return images[:, None], labels, test_images[:, None], test_labels


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


def cifar_batches(files: Mapping[str, bytes]) -> Quartet:
    """CIFAR's RGB images of 32x32 in its "python version": pickled batches, of which the last is the test."""
    batches = [read_batch(data, name) for name, data in files.items()]
    images = [batch["data"].reshape(-1, 3, 32, 32) for batch in batches]
    return _train_and_test(images, [batch["labels"] for batch in batches])


def read_batch(data: bytes, name: str = "the batch") -> dict[str, Any]:
    """A batch that Python 2 pickled: `data`, uint8 (n, 3072), `labels`, and more.

    An `InputError` where it holds anything else than plain values and NumPy's arrays: nothing else is made.
    """
    try:
        return _Unpickler(io.BytesIO(data), encoding="latin1").load()  # Python 2's byte strings, as they are
    except Exception as error:  # a damaged pickle may raise any
        raise InputError(f"{name} is no batch of CIFAR's ({type(error).__name__}: {error}).") from error


class _Unpickler(pickle.Unpickler):
    """Makes NumPy's arrays and nothing else: a pickle may ask for any function to be called."""

    _MADE = {  # noqa: RUF012 - never changed
        ("numpy.core.multiarray", "_reconstruct"): np.ndarray.__new__,
        ("numpy", "ndarray"): np.ndarray,
        ("numpy", "dtype"): np.dtype,
    }

    def find_class(self, module: str, name: str) -> Any:
        return self._MADE.get((module, name)) or _refuse(module, name)

    def persistent_load(self, identity: Any) -> NoReturn:
        _refuse("an object", str(identity))


def _refuse(module: str, name: str) -> NoReturn:
    raise pickle.UnpicklingError(f"it asks for {module}.{name}")


def cifar_sheets(files: Mapping[str, bytes]) -> Quartet:
    """CIFAR's images as rows of PNG files, lossless: 1024 RGB pixels each; the labels as JSON lists."""
    parts: dict[str, Any] = {
        name: json.loads(data) if name.endswith(".json") else np.asarray(Image.open(io.BytesIO(data)))
        for name, data in files.items()
    }
    images = [
        part.transpose(0, 2, 1).reshape(-1, 3, 32, 32)
        for part in parts.values()
        if isinstance(part, np.ndarray)
    ]
    return _train_and_test(images, [part for part in parts.values() if isinstance(part, list)])


def _train_and_test(images: Sequence[Bytes], labels: Sequence[Sequence[int]]) -> Quartet:
    """The last part is the test set, those before it the training set, whose labels may be in one part."""
    train = [label for part in labels[:-1] for label in part]
    return np.concatenate(images[:-1]), np.array(train, np.uint8), images[-1], np.array(labels[-1], np.uint8)
