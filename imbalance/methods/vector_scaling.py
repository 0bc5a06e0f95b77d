"""Vector-scaling loss, VS (Kini et al. 2021): each class's logits are scaled and shifted by its size.

    L = CE(d_c z_c + tau ln pi_c, y)        d_c = (n_c / n_max)^gamma; predictions are argmax z

At gamma = 0 it is the logit-adjusted loss; at tau = 0 it is CDT, class-dependent temperatures (Ye et al.
2020), of which 1 / d_c is the temperature. Shifts act early in training, and vanish beside the growing logits
of a network that fits its training set; the scales then still act. In training, a small class needs larger
logits for the same probability, and so keeps a margin in the prediction.

The defaults gamma = 0.15 and tau = 1.25 are those of the paper for CIFAR-10-LT of ratio 100, from memory; the
authors' code has 0.3 and 1 for defaults. The paper's further class weights are the field `weights`.
"""

from pydantic import Field
from torch import Tensor

from imbalance.methods.balanced_softmax import BalancedSoftmax
from imbalance.methods.parts.losses import Context


class VectorScaling(BalancedSoftmax):
    """`gamma` is the exponent of the scales, and `tau` scales the shifts."""

    gamma: float = Field(default=0.15, ge=0, le=5)
    tau: float = Field(default=1.25, ge=0, le=10)

    def losses(self, logits: Tensor, targets: Tensor, context: Context) -> Tensor:
        """Return the cross entropies of the logits, scaled and shifted; an empty class is one of size 1."""
        sizes = context.sizes.clamp(min=1)
        scales = (sizes / sizes.amax(dim=-1, keepdim=True)) ** self.gamma
        return super().losses(scales.unsqueeze(-2) * logits, targets, context)
