"""Decoders for the formats in which data sets are published: bytes of files to arrays.

A decoder returns the training images, uint8 (N, channels, height, width), their labels (N,), and the test
images and labels.
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
    """Decode grey images and labels from four of LeCun's idx files, given in the order of the result."""
    images, labels, test_images, test_labels = (read_idx(data, name) for name, data in files.items())
    return images[:, None], labels, test_images[:, None], test_labels


def read_idx(data: bytes, name: str = "the idx file") -> Bytes:
    """Decode an idx file to a read-only uint8 array of the shape that its header gives.

    Raises `InputError` if the magic number (0, 0, 8 for unsigned bytes, number of dimensions) or the length
    is wrong.
    """
    if len(data) < 4 or data[:3] != b"\x00\x00\x08" or data[3] == 0:
        raise InputError(f"{name} is no idx file of unsigned bytes: it begins with '{data[:4].hex(' ')}'.")
    start = 4 + 4 * data[3]
    # A truncated header gives too few dimensions here, and a wrong length below.
    shape = tuple(int.from_bytes(data[at : at + 4], "big") for at in range(4, min(start, len(data)), 4))
    if len(data) != (size := start + math.prod(shape)):
        raise InputError(f"{name} has {len(data)} bytes, but {size} by its header; fetch it again.")
    return np.frombuffer(data, np.uint8, offset=start).reshape(shape)


def cifar_batches(files: Mapping[str, bytes]) -> Quartet:
    """Decode CIFAR's "python version": pickled batches of RGB images of 32x32; the last is the test set."""
    batches = [read_batch(data, name) for name, data in files.items()]
    images = [batch["data"].reshape(-1, 3, 32, 32) for batch in batches]
    return _train_and_test(images, [batch["labels"] for batch in batches])


def read_batch(data: bytes, name: str = "the batch") -> dict[str, Any]:
    """Unpickle a batch of Python 2: a dictionary with `data`, uint8 (n, 3072), `labels`, and more.

    Raises `InputError` if the pickle contains anything but plain values and NumPy arrays.
    """
    try:
        return _Unpickler(io.BytesIO(data), encoding="latin1").load()  # latin1 maps each byte to itself
    except Exception as error:  # a damaged pickle may raise any
        raise InputError(f"{name} is no batch of CIFAR's ({type(error).__name__}: {error}).") from error


class _Unpickler(pickle.Unpickler):
    """An unpickler that constructs NumPy arrays only, since a pickle may call any function."""

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
    """Decode CIFAR's images from rows of lossless PNG files, 1024 RGB pixels each, and labels from JSON."""
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
    """Return the last part as the test set, and those before as the training set, whose labels may be one."""
    train = [label for part in labels[:-1] for label in part]
    return np.concatenate(images[:-1]), np.array(train, np.uint8), images[-1], np.array(labels[-1], np.uint8)
