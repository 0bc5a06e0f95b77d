"""Balanced softmax (Ren et al. 2020), the logit-adjusted loss with tau = 1 (Menon et al. 2021).

    L = CE(z + tau ln n_c, y)        in training only; predictions are argmax z

Train it without resampling: with a balancing sampler, it corrects for the class priors twice.
"""

from typing import ClassVar

from pydantic import Field
from torch import Tensor

from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.losses import Context, cross_entropy


class BalancedSoftmax(Baseline):
    """`tau` scales the correction: 1 is the balanced softmax, 0 the plain softmax."""

    kind: ClassVar[str] = "loss"
    corrects_priors: ClassVar[bool] = True

    tau: float = Field(default=1, ge=0, le=10)

    def losses(self, logits: Tensor, targets: Tensor, context: Context) -> Tensor:
        """Return the cross entropies of adjusted logits; an empty class counts as having one example."""
        adjustment = self.tau * context.sizes.clamp(min=1).log()
        return cross_entropy(logits + adjustment.unsqueeze(-2), targets)
