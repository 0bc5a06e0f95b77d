from pathlib import Path
from typing import Any

import numpy as np
import pytest
from imblearn.under_sampling import NearMiss as Library

from imbalance.data.examples import Examples
from imbalance.data.files import ImageFiles
from imbalance.errors import InputError
from imbalance.methods.near_miss import NearMiss
from tests.methods.contract import Promise

PROMISES = [
    Promise(dict(start="initial"), (10, 10, 10)),
    Promise(dict(start="initial", version=2), (10, 10, 10)),
]


def kept(classes: dict[int, list[float]], **parameters: Any) -> list[float]:
    """The values that are left of classes of images of one pixel, those of the smallest classes included."""
    values = np.concatenate([np.array(own, np.float32) for own in classes.values()])
    labels = np.repeat(list(classes), [len(own) for own in classes.values()])
    examples = Examples.from_arrays(values.reshape(-1, 1, 1, 1), labels)
    method = NearMiss.model_validate(dict(start="initial") | parameters)
    prepared = method.prepare(examples, np.random.default_rng(0))
    for value, label in zip(prepared.tensor.flatten().tolist(), prepared.labels.tolist(), strict=True):
        assert value in np.array(classes[label], np.float32), "each image has its label"
    return sorted(prepared.tensor.flatten().tolist())


def test_one_reference_image_keeps_the_nearest_or_the_farther_of_the_nearest_two() -> None:
    classes = {0: [0.0], 1: [1.0, 2.0, 10.0]}
    assert kept(classes, neighbors=1) == [0, 1]
    assert kept(classes, neighbors=1, version=2) == [0, 1]
    assert kept(classes, neighbors=1, version=3, candidates=2) == [0, 2]


def test_version_1_looks_at_the_nearest_references_and_version_2_at_the_farthest() -> None:
    """Distances to 0 and 10: of 1, 1 and 9; of 5, 5 and 5; of 11, 11 and 1."""
    classes = {0: [0.0, 10.0], 1: [1.0, 5.0, 11.0]}
    assert kept(classes, neighbors=1) == [0, 1, 10, 11]
    assert kept(classes, neighbors=1, version=2) == [0, 1, 5, 10]


def test_all_classes_of_the_smallest_size_are_the_reference_together() -> None:
    """With class 0 alone, as in imbalanced-learn, 2 would be kept of class 3."""
    assert kept({0: [0.0], 2: [20.0], 3: [2.0, 10.0, 19.0]}, neighbors=1) == [0, 19, 20]


def test_references_that_outnumber_a_class_are_thinned() -> None:
    """Three smallest classes have six images, class 3 has three, and must not be its own reference."""
    classes = {0: [0.0, 1.0], 1: [2.0, 3.0], 2: [4.0, 5.0], 3: [6.0, 60.0, 61.0]}
    assert kept(classes) == [0, 1, 2, 3, 4, 5, 6, 60]


@pytest.mark.parametrize("version", [1, 2, 3])
def test_with_one_smallest_class_it_is_the_librarys_on_principal_components(version: int) -> None:
    rng = np.random.default_rng(1)
    labels = np.repeat([0, 1, 2], [40, 8, 25])
    images = rng.normal(size=(73, 1, 3, 4)).astype(np.float32)
    library = Library(version=version, n_neighbors=3)
    library.fit_resample(images.reshape(73, 12), labels)  # all components: only turned
    method = NearMiss.model_validate(dict(start="initial", version=version))
    prepared = method.prepare(Examples.from_arrays(images, labels), np.random.default_rng(0))
    assert np.array_equal(prepared.tensor.numpy(), images[np.sort(library.sample_indices_)])


@pytest.mark.parametrize("version", [1, 2, 3])
@pytest.mark.parametrize("sizes", [(1, 9), (2, 9), (1, 1, 2), (4, 4), (5, 0, 9)])
def test_classes_may_be_small_empty_or_all_alike(sizes: tuple[int, ...], version: int) -> None:
    classes = {label: list(np.arange(size) * (label + 1.5)) for label, size in enumerate(sizes) if size}
    smallest = min(size for size in sizes if size)
    assert len(kept(classes, version=version, candidates=9)) == smallest * len(classes)


def test_images_that_stay_files_are_refused() -> None:
    files = Examples.from_arrays(
        ImageFiles(np.array([b"a", b"b", b"c"]), Path("photos")), np.array([0, 0, 1])
    )
    with pytest.raises(InputError, match="photos: a part of this run wants all images in memory at once"):
        NearMiss(start="initial").prepare(files, np.random.default_rng(0))
