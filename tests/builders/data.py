"""Small data sets, in the forms that they are published in, and folders of images."""

import contextlib
import hashlib
import io
import json
import re
import resource
import struct
import tarfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from imbalance.data.arrays import Arrays, fingerprint
from imbalance.datasets import formats
from imbalance.datasets.known import DATASETS, DatasetSpec, File, Form


def small(seed: int = 0) -> Arrays:
    """Random RGB images of three classes: 12 for training, 6 for the test."""
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (18, 3, 5, 4), np.uint8)
    labels = np.arange(18, dtype=np.uint8) % 3
    return Arrays(images[:12], labels[:12], images[12:], labels[12:], classes=("cat", "lap dog", "Ähre"))


@contextlib.contextmanager
def largest_file(limit: int) -> Iterator[None]:
    """Let the operating system refuse to write files of more bytes than `limit`, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def idx(array: np.ndarray) -> bytes:
    """The array as an idx file, written independently of the reader."""
    header = np.array([0x0800 + array.ndim, *array.shape], ">u4")
    return header.tobytes() + array.tobytes()


def text(value: bytes) -> bytes:
    """A byte string as Python 2 pickled it."""
    return b"T" + struct.pack("<i", len(value)) + value


def batch(images: np.ndarray, labels: list[int]) -> bytes:
    """A batch (n, 3, 32, 32) as Python 2 and the NumPy of 2009 pickled it, opcode by opcode."""
    kind = b"cnumpy\ndtype\n" + text(b"u1") + b"K\0K\1\x87R(K\3" + text(b"|") + b"NNNJ\xff\xff\xff\xff"
    kind += b"J\xff\xff\xff\xffK\0tb"
    array = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85" + text(b"b") + b"\x87R"
    array += b"(K\1J" + struct.pack("<i", len(images)) + b"J" + struct.pack("<i", 3072) + b"\x86" + kind
    array += b"\x89" + text(images.tobytes()) + b"tb"
    listed = b"](" + b"".join(b"K" + bytes([label]) for label in labels) + b"e"
    return b"\x80\2}(" + text(b"data") + array + text(b"labels") + listed + b"u."


def sheet(images: np.ndarray) -> bytes:
    """Images (n, 3, 32, 32) as a PNG with a row for each."""
    Image.fromarray(np.ascontiguousarray(images.reshape(-1, 3, 1024).transpose(0, 2, 1))).save(
        file := io.BytesIO(), "PNG"
    )
    return file.getvalue()


CIFAR = np.random.default_rng(0).integers(0, 256, (9, 3, 32, 32), np.uint8)

CIFAR_LABELS = [6, 9, 9, 4, 1, 1, 3, 8, 8]

BATCHES = {
    name: batch(CIFAR[part], CIFAR_LABELS[part])
    for name, part in (
        ("data_batch_1", slice(0, 4)),
        ("data_batch_2", slice(4, 6)),
        ("test_batch", slice(6, 9)),
    )
}

SHEETS = {
    "data_batch_1.png": sheet(CIFAR[:4]),
    "data_batch_2.png": sheet(CIFAR[4:6]),
    "train_lables.json": json.dumps(CIFAR_LABELS[:6]).encode(),
    "test_batch.png": sheet(CIFAR[6:]),
    "test_lables.json": json.dumps(CIFAR_LABELS[6:]).encode(),
}

NAMES = [file.name for file in DATASETS["mnist"].forms[0].files]


def tiny(name: str, seed: int) -> tuple[DatasetSpec, dict[str, bytes]]:
    """A data set like MNIST, of 6 and 3 images of 5 x 4 pixels, and its idx files."""
    rng = np.random.default_rng(seed)
    arrays = [
        rng.integers(0, high, shape, np.uint8)
        for high, shape in ((256, (6, 5, 4)), (10, (6,)), (256, (3, 5, 4)), (10, (3,)))
    ]
    files = {
        name: np.array([0x0800 + array.ndim, *array.shape], ">u4").tobytes() + array.tobytes()
        for name, array in zip(NAMES, arrays, strict=True)
    }
    listed = tuple(File(name, len(data), hashlib.sha256(data).hexdigest()) for name, data in files.items())
    images, labels, test_images, test_labels = arrays
    classes = DATASETS[name].classes
    canonical = Arrays(images[:, None], labels, test_images[:, None], test_labels, classes)
    return DatasetSpec(name, classes, fingerprint(canonical), (Form(listed, formats.idx),)), files


MNIST, MNIST_FILES = tiny("mnist", seed=0)


def tarball(members: dict[str, bytes], links: dict[str, str] | None = None) -> bytes:
    """A .tgz with the members, and symbolic links to them."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        for name, target in (links or {}).items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, target
            tar.addfile(info)
    return packed.getvalue()


PACKAGE = {f"package/data/{name}": data for name, data in MNIST_FILES.items()}

INDICES, SIZES = np.array([[0, 4, 5], [1, 2, 6]]), np.array([[1, 2], [2, 1]])

LABELS = np.array([0, 0, 0, 0, 1, 1, 1], np.uint8)

RNG = np.random.default_rng(0)

PIXELS = RNG.integers(0, 256, (8, 8, 3), np.uint8)


def put(path: Path, pixels: np.ndarray = PIXELS, mode: str | None = None, **options: object) -> Path:
    """Write pixels as the kind of file that its name says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(pixels)
    (image.convert(mode) if mode else image).save(path, **options)
    return path


def fill(root: Path, sizes: dict[str, int]) -> Path:
    """A folder for each class, with so many images, each of its own grey; the last row is the folder's own."""
    for name, size in sizes.items():
        row = np.frombuffer(hashlib.sha256(ascii(f"{root.name}/{name}").encode()).digest()[:8], np.uint8)
        for number in range(size):
            pixels = np.full((8, 8), number, np.uint8)
            pixels[-1] = row
            put(root / name / f"{number:02}.png", pixels)
    return root


REPOSITORY = Path(__file__).parents[2]


def choose(dataset: str, folder: Path) -> None:
    """The repository's parameters in a folder, with this data set."""
    params = (REPOSITORY / "params.yaml").read_text(encoding="utf-8")
    chosen = re.sub(r"(?m)^dataset:.*", f"dataset: {dataset}", params)
    (folder / "params.yaml").write_text(chosen, encoding="utf-8")
