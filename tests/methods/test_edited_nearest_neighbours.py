from typing import Any

import numpy as np
import pytest
from imblearn.under_sampling import EditedNearestNeighbours as Library

from imbalance.data.examples import Examples
from imbalance.methods.edited_nearest_neighbours import EditedNearestNeighbours
from tests.methods.contract import Promise

PROMISES = [
    # of images of noise; none of the second class would be left, and it stays whole
    Promise(dict(start="initial"), (15, 30, 10), on_average=True, epochs=6),
]


def kept(classes: dict[int, list[float]], **parameters: Any) -> dict[int, list[float]]:
    """The values that are left of classes of images of one pixel."""
    values = np.concatenate([np.array(own, np.float32) for own in classes.values()])
    labels = np.repeat(list(classes), [len(own) for own in classes.values()])
    examples = Examples.from_arrays(values.reshape(-1, 1, 1, 1), labels)
    method = EditedNearestNeighbours.model_validate(dict(start="initial") | parameters)
    prepared = method.prepare(examples, np.random.default_rng(0))
    left = prepared.tensor.flatten().double().round(decimals=5)
    return {label: sorted(left[prepared.labels == label].tolist()) for label in classes}


@pytest.mark.parametrize("rule", ["all", "mode"])
def test_an_image_among_those_of_another_class_is_dropped(rule: str) -> None:
    classes = {0: [0.0, 0.1, 0.2, 0.3, 5.0], 1: [4.9, 5.1, 5.2]}
    assert kept(classes, rule=rule) == classes | {0: [0, 0.1, 0.2, 0.3]}


def test_the_rules_differ_where_neighbours_disagree() -> None:
    """Of three images on the left, the third neighbour is of the other class."""
    classes = {0: [0.0, 0.1, 0.2, 9.0, 9.1, 9.2, 9.3], 1: [4.0, 4.1, 4.2]}
    assert kept(classes, rule="mode") == classes
    assert kept(classes, rule="all") == classes | {0: [9.0, 9.1, 9.2, 9.3]}
    assert kept(classes, rule="all", neighbors=2) == classes


def test_no_class_of_the_smallest_size_is_edited() -> None:
    """imbalanced-learn would edit the second of them."""
    classes = {0: [0.0, 10.0], 1: [0.1, 10.1], 2: [20.0, 20.1, 20.2, 20.3]}
    assert kept(classes) == classes


def test_a_class_that_would_vanish_stays_whole() -> None:
    classes = {0: [0.0, 2.0, 4.0], 1: [1.0, 3.0]}
    assert kept(classes, neighbors=1) == classes


@pytest.mark.parametrize("sizes", [(1, 9), (1, 2), (1, 1, 2), (4, 4), (5, 0, 9)])
def test_classes_may_be_small_empty_or_all_alike(sizes: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    classes = {label: list(rng.normal(size=size)) for label, size in enumerate(sizes) if size}
    smallest = min(map(len, classes.values()))
    for label, left in kept(classes, neighbors=5).items():
        assert len(left) == smallest if len(classes[label]) == smallest else left


def test_with_one_smallest_class_it_is_the_librarys_on_principal_components() -> None:
    rng = np.random.default_rng(1)
    labels = np.repeat([0, 1, 2], [40, 8, 25])
    images = rng.normal(labels[:, None, None, None], size=(73, 1, 3, 4)).astype(np.float32)
    library = Library(kind_sel="mode")
    library.fit_resample(images.reshape(73, 12), labels)  # all components: only turned
    method = EditedNearestNeighbours(start="initial", rule="mode")
    prepared = method.prepare(Examples.from_arrays(images, labels), np.random.default_rng(0))
    assert 33 < len(prepared.labels) < 73
    assert np.array_equal(prepared.tensor.numpy(), images[np.sort(library.sample_indices_)])
