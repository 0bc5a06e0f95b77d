import numpy as np
import pytest

from imbalance.data.examples import Examples
from imbalance.methods.one_sided_selection import OneSidedSelection
from tests.methods.contract import Promise

PROMISES = [
    Promise(dict(start="initial"), (49, 26, 10), on_average=True, epochs=6),  # of images of noise
]


def kept(classes: dict[int, list[float]], seed: int = 0) -> dict[int, list[float]]:
    """The values that are left of classes of images of one pixel."""
    values = np.concatenate([np.array(own, np.float32) for own in classes.values()])
    labels = np.repeat(list(classes), [len(own) for own in classes.values()])
    examples = Examples.from_arrays(values.reshape(-1, 1, 1, 1), labels)
    prepared = OneSidedSelection(start="initial").prepare(examples, np.random.default_rng(seed))
    left = prepared.tensor.flatten().double().round(decimals=5)
    return {label: sorted(left[prepared.labels == label].tolist()) for label in classes}


@pytest.mark.parametrize("seed", range(4))
def test_of_two_images_the_one_at_the_border_goes_whichever_is_drawn(seed: int) -> None:
    """5 or 0 is drawn; the other is nearer to 0.1, and kept; 0 and 0.1 are then a Tomek link."""
    assert kept({0: [0.0, 5.0], 1: [0.1]}, seed) == {0: [5], 1: [0.1]}


def test_images_far_from_the_smallest_class_are_redundant_but_for_the_one_that_is_drawn() -> None:
    """If 1 is drawn, the others are redundant, and 1 is a Tomek partner of 0: the class keeps all its images."""
    far = (20.0, 21.0, 22.0, 23.0)
    left = {tuple(kept({0: [1.0, *far], 1: [0.0]}, seed)[0]) for seed in range(20)}
    assert left == {(20,), (21,), (22,), (23,), (1, *far)}


def test_all_classes_of_the_smallest_size_are_the_reference_together() -> None:
    """9 is a Tomek partner of 10, of the second of them."""
    left = kept({0: [0.0], 1: [10.0], 2: [9.0, 30.0, 31.0]})
    assert left[0] == [0]
    assert left[1] == [10]
    assert 9 not in left[2]


@pytest.mark.parametrize("sizes", [(1, 9), (2, 3), (1, 1, 2), (4, 4), (5, 0, 9), (2, 2, 2, 2, 3)])
def test_smallest_classes_stay_whole_and_no_class_vanishes(sizes: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    classes = {label: list(rng.normal(size=size)) for label, size in enumerate(sizes) if size}
    smallest = min(map(len, classes.values()))
    for label, left in kept(classes).items():
        assert len(left) == smallest if len(classes[label]) == smallest else left
