"""Augmentation: random changes of the training images, drawn anew each time an image is used."""

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor
from torch.nn.functional import pad

from imbalance.errors import InputError
from imbalance.strict import Strict


class Augmentation(Strict):
    """Random shifts by up to `padding` pixels, filled with zeros, and mirroring with probability 1/2.

    Padding 4 and mirroring are usual for CIFAR-10 (He et al. 2016, §4.2; Cao et al. 2019).
    """

    padding: int = Field(default=0, ge=0, le=64)
    mirror: bool = False

    def draw(self, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """Draw the changes (3, count) of `count` images: shift up, shift left, and mirrored (0 or 1)."""
        changes = np.zeros((3, count), np.int64)
        if self.padding:
            changes[:2] = rng.integers(2 * self.padding + 1, size=(2, count))
        if self.mirror:
            changes[2] = rng.random(count) < 0.5
        return changes

    def augment(self, images: Tensor, changes: Tensor) -> Tensor:
        """Apply drawn changes (3, N) to images (N, channels, height, width); shape and type stay the same.

        Raises `InputError` if a shift could leave nothing of an image.
        """
        count, _, height, width = images.shape
        if self.padding >= min(height, width):
            raise InputError(
                f"augmentation: padding = {self.padding} may move images of {height} x {width} pixels out of "
                f"sight; choose 0 to {min(height, width) - 1}."
            )
        down, right, mirrored = changes
        if self.padding:
            padded = pad(images, (self.padding,) * 4)
            # (N, channels, down, right, height, width)
            windows = padded.unfold(2, height, 1).unfold(3, width, 1)
            images = windows[torch.arange(count, device=images.device), :, down, right]
        if self.mirror:
            images = torch.where(mirrored[:, None, None, None].bool(), images.flip(3), images)
        return images.contiguous(memory_format=torch.channels_last)
