from typing import Any

import numpy as np
import pytest
import torch

from imbalance.data.examples import Examples
from imbalance.methods.kmeans_smote import KmeansSmote
from tests.methods.contract import FILLED, Promise

PROMISES = [
    Promise(dict(start="initial"), FILLED),
]


def made(classes: dict[int, list[float]], **parameters: Any) -> dict[int, np.ndarray]:
    """The values that are made of classes of images of one pixel; the real ones must be left as they are."""
    values = np.concatenate([np.array(own, np.float32) for own in classes.values()])
    labels = np.repeat(list(classes), [len(own) for own in classes.values()])
    examples = Examples.from_arrays(values.reshape(-1, 1, 1, 1), labels)
    method = KmeansSmote.model_validate(dict(start="initial", clusters=2) | parameters)
    prepared = method.prepare(examples, np.random.default_rng(0))
    assert torch.equal(prepared.tensor[: len(values)], examples.tensor)
    largest = max(map(len, classes.values()))
    assert prepared.labels.bincount()[list(classes)].tolist() == [largest] * len(classes)
    new, of = prepared.tensor[len(values) :].flatten().numpy(), prepared.labels[len(values) :].numpy()
    return {label: new[of == label] for label in classes}


def about(middle: float, count: int) -> list[float]:
    return list(np.linspace(middle - 1, middle + 1, count))


def test_a_class_grows_where_its_share_is_at_least_that_of_all_images() -> None:
    """About 0, 4 of 14 images are of class 1, about 100, 4 of 44; of all, 8 of 58 are."""
    new = made({0: about(0, 10) + about(100, 40), 1: about(0, 4) + about(100, 4)})[1]
    assert np.abs(new).max() <= 1


def test_more_images_are_made_where_those_of_the_class_are_sparse() -> None:
    """By g = d^a / m, with a = 0.16 (ln m / ln 1.6)^1.8 for m = 4 in both clusters; shares are rounded up."""
    tight, loose = np.linspace(-1, 1, 4), np.linspace(90, 110, 4)
    new = made({0: [*about(0, 10), *about(100, 10), *[9000.0] * 200], 1: [*tight, *loose]}, clusters=3)[1]
    ratio = 10 ** (0.16 * (np.log(4) / np.log(1.6)) ** 1.8)  # of g, as distances are ten times as large
    in_tight, in_loose = np.abs(new) <= 1, (new >= 90) & (new <= 110)
    assert (in_tight | in_loose).all()
    assert in_tight.sum() == pytest.approx(212 / (1 + ratio), abs=1)


def test_without_enough_images_in_any_cluster_it_is_smote() -> None:
    """SMOTE also goes from one cluster to the other; with one neighbour, there are enough."""
    classes = {0: about(0, 20) + about(100, 20), 1: [0.0, 0.5, 100.0, 100.5]}
    assert ((made(classes)[1] > 2) & (made(classes)[1] < 98)).any()
    assert not ((made(classes, neighbors=1)[1] > 2) & (made(classes, neighbors=1)[1] < 98)).any()


@pytest.mark.parametrize("sizes", [(1, 9), (2, 9), (5, 9), (1, 1, 2), (4, 4), (5, 0, 9)])
def test_classes_may_be_small_empty_or_all_alike(sizes: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    classes = {label: list(rng.normal(size=size)) for label, size in enumerate(sizes) if size}
    new = made(classes, clusters=8)
    if sizes[0] == 1:
        assert np.isin(new[0], np.array(classes[0], np.float32)).all()


def test_copies_of_an_image_are_no_neighbours() -> None:
    new = made({0: about(0, 20), 1: [0.5, 0.5, 0.5]})[1]
    assert (new == 0.5).all()


def test_images_stay_bytes() -> None:
    images = np.random.default_rng(0).integers(0, 256, (24, 3, 4, 4), dtype=np.uint8)
    examples = Examples.from_arrays(images, np.repeat([0, 1], [6, 18]))
    prepared = KmeansSmote(start="initial").prepare(examples, np.random.default_rng(0))
    assert prepared.tensor.dtype == torch.uint8
    assert prepared.tensor.shape == (36, 3, 4, 4)
