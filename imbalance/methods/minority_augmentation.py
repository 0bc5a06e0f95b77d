"""Minority augmentation (Lee et al. 2016; FAU lecture): copies of images of the smaller classes, changed.

    x_new(p) = x_i(A p)        A: rotation by up to 15 degrees, scaling by 0.9 to 1.1, shift by up to a tenth
                               of the side, and with `mirror` a reflection with probability 1/2

Every image of a class is copied equally often, within one, and all parameters are drawn uniformly for every
copy, once, before the training. Pixels are interpolated bilinearly; outside the image, its edge goes on. Lee
et al. enlarge classes to 1000 images, and do not give the extent of the changes, which is our choice, as is
the size of the largest class. Digits and letters must not be mirrored.
"""

from typing import ClassVar

import numpy as np
import torch
from pydantic import Field
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample

from imbalance.data.examples import Examples
from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.copies import with_changed_copies


class MinorityAugmentation(Baseline):
    """`rotation` is in degrees, `scaling` a fraction, and `shift` a fraction of the side, each either way.
    `target` is the size to which classes grow, by default that of the largest.
    """

    kind: ClassVar[str] = "synthetic images"
    needs_images: ClassVar[bool] = True

    rotation: float = Field(default=15, ge=0, le=180)
    scaling: float = Field(default=0.1, ge=0, le=0.9)
    shift: float = Field(default=0.1, ge=0, le=1)
    mirror: bool = False
    target: int | None = Field(default=None, ge=1)

    def prepare(self, examples: Examples, rng: np.random.Generator) -> Examples:
        """Return the real images, followed by the changed copies."""
        return with_changed_copies(examples, self.target, lambda images: self.changed(images, rng), rng)

    def changed(self, images: Tensor, rng: np.random.Generator) -> Tensor:
        """Return float images (m, channels, height, width), each changed at random."""
        count, _, height, width = images.shape
        angle = np.radians(rng.uniform(-self.rotation, self.rotation, count))
        zoom = 1 / rng.uniform(1 - self.scaling, 1 + self.scaling, count)
        right, down = 2 * rng.uniform(-self.shift, self.shift, (2, count))  # the side is from -1 to 1
        side = np.where(rng.random(count) < 0.5, -1, 1) if self.mirror else 1
        x, y = zoom * np.cos(angle), zoom * np.sin(angle)
        # where each pixel is from: in units of half the height or width, so that angles stay right
        rows = [[side * x, -y * side * height / width, right], [y * width / height, x, down]]
        origins = torch.from_numpy(np.moveaxis(np.array(rows), 2, 0)).float()
        grid = affine_grid(origins, list(images.shape), align_corners=False)
        return grid_sample(images, grid, mode="bilinear", padding_mode="border", align_corners=False)
