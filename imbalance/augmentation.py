"""Random changes of the training images, drawn anew whenever an image is used."""

import numpy as np
import torch
from pydantic import Field
from torch import Tensor
from torch.nn.functional import pad

from imbalance.strict import Strict


class Augmentation(Strict):
    """Shifts by up to `padding` pixels, filled with zeros, and mirroring of every second image.

    Padding 4 and mirroring are usual for CIFAR-10 (He et al. 2016, §4.2; Cao et al. 2019).
    """

    padding: int = Field(default=0, ge=0)
    mirror: bool = False

    def augment(self, images: Tensor, rng: np.random.Generator) -> Tensor:
        """Images (N, channels, height, width) to changed ones of the same shape and type."""
        count, _, height, width = images.shape
        if self.padding:
            down, right = torch.from_numpy(rng.integers(2 * self.padding + 1, size=(2, count))).to(
                images.device
            )
            padded = pad(images, (self.padding,) * 4)
            windows = padded.unfold(2, height, 1).unfold(
                3, width, 1
            )  # (N, channels, down, right, height, width)
            images = windows[torch.arange(count, device=images.device), :, down, right]
        if self.mirror:
            mirrored = torch.from_numpy(rng.random(count) < 0.5).to(images.device)
            images = torch.where(mirrored[:, None, None, None], images.flip(3), images)
        return images.contiguous(memory_format=torch.channels_last)
