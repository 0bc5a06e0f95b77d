"""Mixup (Zhang et al. 2018, arXiv:1710.09412): the network is trained on mixtures of two images each.

    x = l x_i + (1 - l) x_k        L = l CE(z, y_i) + (1 - l) CE(z, y_k)        l ~ Beta(alpha, alpha)

k is a random permutation of the batch; as in the authors' code, there is one l for a batch. The images are
mixed behind the input layer, as floats: mixed before it, bytes would be rounded, and images would be
whitened after they are mixed, not before. The accuracy in training counts what is recognised as y_i.
"""

from typing import ClassVar

import numpy as np
from pydantic import Field
from torch import Tensor

from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.losses import Context
from imbalance.methods.parts.mixing import Mix


class Mixup(Baseline):
    """`alpha` is the strength: near 0, images stay as they are; at 1, each l in [0, 1] is equally likely."""

    kind: ClassVar[str] = "augmentation"

    alpha: float = Field(default=1, ge=0.01, le=100)

    def mix(self, batch: int, rng: np.random.Generator) -> Mix:
        """A partner for each image of the batch, and l."""
        return Mix(rng.permutation(batch), rng.beta(self.alpha, self.alpha))

    def loss(self, logits: Tensor, targets: Tensor, context: Context) -> Tensor:
        """The loss by the labels of both images, in the shares in which these are mixed."""
        own = super().loss(logits, targets, context)
        other = super().loss(logits, context.partners, context)
        return context.shares * own + (1 - context.shares) * other
