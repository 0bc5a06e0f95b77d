from typing import Any

import numpy as np
import pytest
import torch

from imbalance.data.examples import Examples
from imbalance.methods.borderline_smote import BorderlineSmote
from tests.methods.contract import FILLED, Promise

PROMISES = [
    Promise(dict(start="initial"), FILLED),
    Promise(dict(start="initial", version=2), FILLED),
]

FAR = [100.0 + value for value in range(40)]  # of the majority


def made(classes: dict[int, list[float]], **parameters: Any) -> dict[int, np.ndarray]:
    """The values that are made of classes of images of one pixel; the real ones must be left as they are."""
    values = np.concatenate([np.array(own, np.float32) for own in classes.values()])
    labels = np.repeat(list(classes), [len(own) for own in classes.values()])
    examples = Examples.from_arrays(values.reshape(-1, 1, 1, 1), labels)
    method = BorderlineSmote.model_validate(dict(start="initial", neighbors=1, surroundings=2) | parameters)
    prepared = method.prepare(examples, np.random.default_rng(0))
    assert torch.equal(prepared.tensor[: len(values)], examples.tensor)
    largest = max(map(len, classes.values()))
    assert prepared.labels.bincount()[list(classes)].tolist() == [largest] * len(classes)
    new, of = prepared.tensor[len(values) :].flatten().numpy(), prepared.labels[len(values) :].numpy()
    return {label: new[of == label] for label in classes}


def test_only_images_in_danger_are_started_from() -> None:
    """Of 0, 1 and 3, 3 alone has neighbours of both classes, 4.5 and 1; its nearest in the class is 1."""
    new = made({0: [4.5, 5.5, 6.0, *FAR], 1: [0.0, 1.0, 3.0]})[1]
    assert new.min() >= 1
    assert new.max() <= 3
    assert new.mean() == pytest.approx(2, abs=0.3)


def test_without_an_image_in_danger_it_is_smote() -> None:
    """Both neighbours of 5 are of the other class: it is noise, from which SMOTE starts nevertheless."""
    new = made({0: [4.5, 5.5, 6.0, *FAR], 1: [0.0, 1.0, 1.5, 5.0]})[1]
    assert ((new > 1.5) & (new <= 5)).any()
    assert (new <= 1).any()


def test_version_2_goes_at_most_half_the_way_to_images_of_other_classes() -> None:
    """The nearest to 3 of all images is 4.5."""
    new = made({0: [4.5, 5.5, 6.0, *FAR], 1: [0.0, 1.0, 3.0]}, version=2)[1]
    assert new.min() >= 3
    assert new.max() <= 3.75


def test_each_class_is_in_danger_from_all_others() -> None:
    new = made({0: FAR, 1: [0.0, 1.0, 3.0], 2: [4.5, 5.5, 6.0]})
    assert new[1].min() >= 1
    assert new[1].max() <= 3
    assert new[2].min() >= 4.5
    assert new[2].max() <= 5.5


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("sizes", [(1, 9), (2, 9), (2, 3), (5, 9), (1, 1, 2), (4, 4), (5, 0, 9)])
def test_classes_may_be_small_empty_or_all_alike(sizes: tuple[int, ...], version: int) -> None:
    rng = np.random.default_rng(0)
    classes = {label: list(rng.normal(size=size)) for label, size in enumerate(sizes) if size}
    new = made(classes, version=version, neighbors=5, surroundings=10)
    if sizes[0] == 1:
        assert np.isin(new[0], np.array(classes[0], np.float32)).all()


def test_copies_of_an_image_are_no_neighbours() -> None:
    classes = {0: [4.5, 5.5, 6.0, *FAR], 1: [1.0, 3.0, 3.0, 3.0]}
    new = made(classes)[1]
    assert len(np.unique(new)) > 30
    assert (made(classes | {1: [3.0, 3.0]})[1] == 3).all()


def test_images_stay_bytes() -> None:
    images = np.random.default_rng(0).integers(0, 256, (24, 3, 4, 4), dtype=np.uint8)
    examples = Examples.from_arrays(images, np.repeat([0, 1], [6, 18]))
    prepared = BorderlineSmote(start="initial").prepare(examples, np.random.default_rng(0))
    assert prepared.tensor.dtype == torch.uint8
    assert prepared.tensor.shape == (36, 3, 4, 4)
