"""Minority noise (Lee et al. 2016): copies of images of the smaller classes, with Gaussian noise.

    x_new = x_i + e        e ~ N(0, std^2) for every pixel and channel, pixels in [0, 1]

Every image of a class is copied equally often, within one. The noise is drawn once, before the training, and
the sums are rounded to bytes. Lee et al. enlarge classes to 1000 images, and do not give the deviation: 0.05
is our choice, as is the size of the largest class.
"""

from typing import ClassVar

import numpy as np
import torch
from pydantic import Field
from torch import Tensor

from imbalance.data.examples import Examples
from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.copies import with_changed_copies


class MinorityNoise(Baseline):
    """`std` is the noise's deviation; `target` the size to which classes grow, by default the largest's."""

    kind: ClassVar[str] = "synthetic images"
    needs_images: ClassVar[bool] = True

    std: float = Field(default=0.05, ge=0, le=1)
    target: int | None = Field(default=None, ge=1)

    def prepare(self, examples: Examples, rng: np.random.Generator) -> Examples:
        """Return the real images, followed by the noisy copies."""

        def noisy(images: Tensor) -> Tensor:
            return images + torch.from_numpy(rng.normal(0, 255 * self.std, images.shape)).float()

        return with_changed_copies(examples, self.target, noisy, rng)
