"""Remix (Chou et al. 2020): mixup whose mixed labels lean towards the smaller of the two classes.

    x = l x_i + (1 - l) x_k        L_i = m CE(z, y_i) + (1 - m) CE(z, y_k)        l ~ Beta(alpha, alpha)
    m = 0 if n_i >= kappa n_k and l < tau;  1 if n_k >= kappa n_i and 1 - l < tau;  otherwise l

n_i and n_k are the class sizes of the two images. If one class is at least kappa times as large as the other,
and makes up less than tau of the image, then the label is the smaller class alone. Images are mixed as by
`mixup`. The rule, kappa = 3 and tau = 0.5 are as in a public re-implementation (ntucllab), which trains with
deferred re-weighting: `weights: {name: class_balanced, after: 0.8}`. Our choice: the losses by both labels
are weighted each by its own class.
"""

import torch
from pydantic import Field
from torch import Tensor

from imbalance.methods.mixup import Mixup
from imbalance.methods.parts.losses import Context, of_classes


class Remix(Mixup):
    """`ratio` is kappa, from which on one class is much larger than another; `threshold` is tau."""

    ratio: float = Field(default=3, ge=1, le=1e6)
    threshold: float = Field(default=0.5, ge=0, le=1)

    def loss(self, logits: Tensor, targets: Tensor, context: Context) -> Tensor:
        """Return the losses by the labels of both images, weighted by the labels' shares."""
        shares = self.label_shares(targets, context)
        own = self.losses(logits, targets, context)
        other = self.losses(logits, context.partners, context)
        return self.weights.mean(shares * own, targets, context) + self.weights.mean(
            (1 - shares) * other, context.partners, context
        )

    def label_shares(self, targets: Tensor, context: Context) -> Tensor:
        """Return the shares m (..., B) of the examples' own labels."""
        shares = context.shares.unsqueeze(-1)
        sizes, others = of_classes(context.sizes, targets), of_classes(context.sizes, context.partners)
        has_none = (sizes >= self.ratio * others) & (shares < self.threshold)
        has_all = (others >= self.ratio * sizes) & (1 - shares < self.threshold)
        return torch.where(has_none, 0, torch.where(has_all, 1, shares))
