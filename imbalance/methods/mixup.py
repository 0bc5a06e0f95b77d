"""Mixup (Zhang et al. 2018, arXiv:1710.09412): the network is trained on mixtures of two images each.

    x = l x_i + (1 - l) x_k        L = l CE(z, y_i) + (1 - l) CE(z, y_k)        l ~ Beta(alpha, alpha)

k is a random permutation of the batch; as in the authors' code, there is one l per batch. The images are
mixed after the input layer, as floats: before it, bytes would have to be rounded, and images would be
whitened after mixing. Training accuracy counts the examples that are classified as y_i.
"""

from typing import ClassVar

import numpy as np
from pydantic import Field
from torch import Tensor

from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.losses import Context
from imbalance.methods.parts.mixing import Mix


class Mixup(Baseline):
    """`alpha` is the strength: near 0, images are hardly mixed; at 1, l is uniform on [0, 1]."""

    kind: ClassVar[str] = "augmentation"

    alpha: float = Field(default=1, ge=0.01, le=100)

    def mix(self, batch: int, rng: np.random.Generator) -> Mix:
        """Draw a partner for each image of the batch, and l."""
        return Mix(rng.permutation(batch), rng.beta(self.alpha, self.alpha))

    def loss(self, logits: Tensor, targets: Tensor, context: Context) -> Tensor:
        """Return the losses by the labels of both images, weighted by their shares in the mixture."""
        own = super().loss(logits, targets, context)
        other = super().loss(logits, context.partners, context)
        return context.shares * own + (1 - context.shares) * other
