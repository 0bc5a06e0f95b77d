"""Label-distribution-aware margins with deferred re-weighting, LDAM-DRW (Cao et al. 2019).

    z_c = s cos(f, w_c)        L = w[y] CE(z - s m_y [c = y], y)        m_c = m_max (n_min / n_c)^(1/4)

The classifier is normalised (cosines, no bias); margins act in training only. Class weights w are uniform at
first, and class-balanced (Cui et al. 2019) in the last part of training, when the learning rate is low.
"""

from typing import ClassVar

import numpy as np
from pydantic import Field
from torch import Tensor, nn
from torch.nn.functional import one_hot

from imbalance.methods.baseline import Baseline, Head
from imbalance.methods.parts.class_weights import ClassBalanced, Weights
from imbalance.methods.parts.classifiers import NormedLinear
from imbalance.methods.parts.losses import Context, cross_entropy


class Ldam(Baseline):
    """`max_margin` is the margin m_max of the smallest class, `scale` is s, and `weights` are w."""

    kind: ClassVar[str] = "loss"
    needs_linear_classifier: ClassVar[bool] = True
    corrects_priors: ClassVar[bool] = True

    max_margin: float = Field(default=0.5, ge=0, le=2)
    scale: float = Field(default=30, ge=0.001, le=1000)
    weights: Weights = ClassBalanced(after=0.8)

    def ends_with(self, start: Head) -> Head:
        """Return the head of a normalised classifier."""
        return "normalised"

    def head(self, classifier: nn.Linear | NormedLinear, rng: np.random.Generator) -> nn.Module:
        """Return a normalised classifier with the weights of the start's classifier."""
        return NormedLinear(classifier.weight, self.scale)

    def losses(self, logits: Tensor, targets: Tensor, context: Context) -> Tensor:
        """Return the cross entropies with margins."""
        margins = self.margins(context.sizes)
        shifts = self.scale * margins.unsqueeze(-2) * one_hot(targets, logits.shape[-1])
        return cross_entropy(logits - shifts, targets)

    def margins(self, sizes: Tensor) -> Tensor:
        """Return the margins m_c of classes with the given sizes (..., C)."""
        powers = sizes.clamp(min=1) ** -0.25
        return self.max_margin * powers / powers.amax(dim=-1, keepdim=True)
