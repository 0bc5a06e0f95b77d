import numpy as np
import pytest
import torch
from torch import Tensor

from imbalance.data.augmentation import Augmentation
from imbalance.errors import InputError

IMAGES = torch.randint(1, 256, (200, 3, 6, 5), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


def augmented(augmentation: Augmentation, seed: int = 0) -> Tensor:
    changes = augmentation.draw(len(IMAGES), np.random.default_rng(seed))
    return augmentation.augment(IMAGES, torch.from_numpy(changes))


def test_every_image_is_a_window_of_its_padded_self() -> None:
    changed = augmented(Augmentation(padding=2, mirror=True))
    assert changed.shape == IMAGES.shape
    assert changed.dtype == torch.uint8
    padded = torch.nn.functional.pad(IMAGES, (2, 2, 2, 2))
    seen = set()
    for image, around in zip(changed, padded, strict=True):
        found = [
            (down, right, mirrored)
            for down in range(5)
            for right in range(5)
            for mirrored in (False, True)
            if torch.equal(
                image.flip(2) if mirrored else image, around[:, down : down + 6, right : right + 5]
            )
        ]
        assert len(found) == 1
        seen |= set(found)
    assert len(seen) > 45  # of 5 x 5 x 2


def test_images_are_not_moved_out_of_sight() -> None:
    assert augmented(Augmentation(padding=4)).shape == IMAGES.shape
    with pytest.raises(
        InputError, match="padding = 5 may move images of 6 x 5 pixels out of sight; choose 0 to 4"
    ):
        augmented(Augmentation(padding=5))


def test_mirroring_alone_is_of_about_half() -> None:
    changed = augmented(Augmentation(mirror=True))
    mirrored = sum(torch.equal(a, b.flip(2)) for a, b in zip(changed, IMAGES, strict=True))
    kept = sum(torch.equal(a, b) for a, b in zip(changed, IMAGES, strict=True))
    assert mirrored + kept == 200
    assert 70 < mirrored < 130


def test_drawn_from_the_generator_alone() -> None:
    both = Augmentation(padding=4, mirror=True)
    one, same, other = (augmented(both, seed) for seed in (0, 0, 1))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
