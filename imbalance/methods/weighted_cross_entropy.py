"""Weighted cross entropy: every example is weighted by its inverse class frequency (FAU lecture notes).

L = sum_i w[y_i] CE_i / Z

normalisation   w_c            Z
batch           1 / n_c        sum_i w[y_i]     the scale of w cancels
balanced        N / (C n_c)    B                mean weight 1 over the training set
inverse         1 / n_c        B                the loss, and so the learning rate, shrinks with n_c

The gradient of a rare example is rho times that of a frequent one. At rho = 100 and its recipe's learning
rate, LeNet-5 diverges under "batch" (torch's own weighted mean) and under "balanced"; `lr_factor: 0.1` keeps
it stable.
"""

from typing import ClassVar, Literal

from torch import Tensor

from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.losses import Context, cross_entropy, inverse_sizes, of_classes


class WeightedCrossEntropy(Baseline):
    """`normalisation` chooses the scale of the weights, as in the table above."""

    kind: ClassVar[str] = "loss"
    corrects_priors: ClassVar[bool] = True

    normalisation: Literal["batch", "balanced", "inverse"] = "batch"

    def loss(self, logits: Tensor, targets: Tensor, context: Context) -> Tensor:
        """Return the weighted mean of the examples' losses."""
        classes = inverse_sizes(context)
        if self.normalisation == "balanced":
            present = (context.sizes > 0).sum(dim=-1, keepdim=True)
            classes = classes * context.sizes.sum(dim=-1, keepdim=True) / present
        weights = of_classes(classes, targets)
        total = (weights * cross_entropy(logits, targets)).sum(dim=-1)
        return total / (weights.sum(dim=-1) if self.normalisation == "batch" else targets.shape[-1])
