"""Sizes against METHODS' numbers, and the images that remain against probabilities written down by hand."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from imbalance.data.examples import Examples
from imbalance.methods.balance_cascade import BalanceCascade, remaining_size
from tests.methods.contract import Promise, training_of

PROMISES = [
    Promise(dict(start="initial"), (10, 10, 10)),
]

LABELS = np.repeat([0, 1], [16, 4])


class Confident(nn.Module):
    """Gives class 0 the log-odds that are the image's only pixel."""

    def forward(self, images: Tensor) -> Tensor:
        pixel = images.float().flatten(1)
        return torch.cat([pixel, torch.zeros_like(pixel)], dim=1)


def remaining(pixels: list[int], previous: int, subsets: int) -> list[int]:
    """The pixels of the images of class 0 that remain after so many members, in their order."""
    images = np.array([*pixels, 0, 85, 170, 255], np.uint8).reshape(-1, 1, 1, 1)
    left = BalanceCascade(start="initial", subsets=subsets).remaining(
        Examples.from_arrays(images, LABELS), [Confident()] * previous
    )
    assert (left.labels == 1).sum() == 4, "the smallest class stays whole"
    return left.tensor.flatten()[left.labels == 0].tolist()


def test_sizes_shrink_by_the_same_factor_down_to_the_smallest_class() -> None:
    factor = (500 / 5000) ** (1 / 3)
    assert factor == pytest.approx(0.464159, abs=1e-6)
    sizes = [remaining_size(5000, 500, trained, members=4) for trained in range(4)]
    assert sizes == [round(5000 * factor**trained) for trained in range(4)] == [5000, 2321, 1077, 500]


@pytest.mark.parametrize(("previous", "size"), [(0, 16), (1, 8), (2, 4)])
def test_the_images_that_are_classified_worst_remain_in_their_order(previous: int, size: int) -> None:
    pixels = [7 * number % 16 for number in range(16)]
    assert remaining(pixels, previous, subsets=3) == [pixel for pixel in pixels if pixel < size]


def test_probabilities_that_are_one_in_floats_are_told_apart() -> None:
    pixels = [*range(255, 239, -1)]
    assert remaining(pixels, 1, subsets=2) == [243, 242, 241, 240]


def test_a_class_without_images_has_none_left() -> None:
    images = Examples.from_arrays(np.zeros((6, 1, 1, 1), np.uint8), np.array([0, 0, 0, 0, 2, 2]))

    class Three(nn.Module):
        def forward(self, images: Tensor) -> Tensor:
            return torch.zeros(len(images), 3)

    left = BalanceCascade(start="initial", subsets=2).remaining(images, [Three()])
    assert left.labels.tolist() == [0, 0, 2, 2]


def test_each_member_is_trained_on_as_many_of_each_class_and_has_draws_of_its_own() -> None:
    members = BalanceCascade(start="initial", subsets=3).members()
    assert len(members) == 3
    epochs = [
        next(member.epochs(LABELS, np.random.default_rng(index), training_of()))
        for index, member in enumerate(members)
    ]
    assert [np.bincount(LABELS[epoch]).tolist() for epoch in epochs] == [[4, 4]] * 3
    assert len({tuple(sorted(epoch)) for epoch in epochs}) == 3
