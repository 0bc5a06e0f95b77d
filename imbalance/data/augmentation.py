"""Random changes of the training images, drawn anew whenever an image is used."""

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor
from torch.nn.functional import pad

from imbalance.errors import InputError
from imbalance.strict import Strict


class Augmentation(Strict):
    """Shifts by up to `padding` pixels, filled with zeros, and mirroring of every second image.

    Padding 4 and mirroring are usual for CIFAR-10 (He et al. 2016, §4.2; Cao et al. 2019).
    """

    padding: int = Field(default=0, ge=0, le=64)
    mirror: bool = False

    def draw(self, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """How so many images are changed (3, count): moved up, moved left, and whether mirrored, 0 or 1."""
        changes = np.zeros((3, count), np.int64)
        if self.padding:
            changes[:2] = rng.integers(2 * self.padding + 1, size=(2, count))
        if self.mirror:
            changes[2] = rng.random(count) < 0.5
        return changes

    def augment(self, images: Tensor, changes: Tensor) -> Tensor:
        """Images (N, channels, height, width), changed as drawn (3, N), of the same shape and type.

        An `InputError` where a shift may leave nothing of an image.
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
