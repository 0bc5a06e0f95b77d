"""Influence-balanced loss (Park et al. 2021): examples that the decision boundary hangs on count less.

    L_i = lambda[y_i] CE_i / (|p_i - Y_i|_1 |h_i|_1 + epsilon)
    lambda_c = alpha C (1 / n_c) / sum_k (1 / n_k)

h (B, D) are the features, Y the one-hot labels; the divisor is the L1 norm of the cross entropy's gradient by
the classifier's weights. Plain cross entropy is trained first. The paper's lambda is without C; with C and
alpha = 1000 it is that of public code (Zhang et al. 2021). Our choice: the divisor is a constant; in public
code, the gradient flows through it.
"""

from typing import ClassVar

import torch
from pydantic import Field
from torch import Tensor
from torch.nn.functional import one_hot

from imbalance.methods.baseline import Baseline, Head
from imbalance.methods.parts.losses import Context, cross_entropy, inverse_sizes, of_classes


class InfluenceBalanced(Baseline):
    """`deferred_until` is the fraction of training with plain cross entropy; `alpha` scales what follows."""

    kind: ClassVar[str] = "loss"
    needs_linear_classifier: ClassVar[bool] = True
    corrects_priors: ClassVar[bool] = True
    goes_on_from: ClassVar[tuple[Head, ...]] = ("own",)

    alpha: float = Field(default=1000, gt=0, le=1e6)
    epsilon: float = Field(default=0.001, ge=1e-6, le=1)
    deferred_until: float = Field(default=0.5, ge=0, le=1)

    def loss(self, logits: Tensor, targets: Tensor, context: Context) -> Tensor:
        """The mean of the examples' losses."""
        entropy = cross_entropy(logits, targets)
        classes = inverse_sizes(context)
        shares = self.alpha * classes / classes.mean(dim=-1, keepdim=True)
        balanced = (
            of_classes(shares, targets) * entropy / (self.influence(logits, targets, context) + self.epsilon)
        )
        return torch.where(context.progress < self.deferred_until, entropy, balanced).mean(dim=-1)

    def influence(self, logits: Tensor, targets: Tensor, context: Context) -> Tensor:
        """|p - Y|_1 |h|_1 of every example (..., B), a constant for gradients."""
        errors = logits.detach().softmax(dim=-1) - one_hot(targets, logits.shape[-1])
        return errors.abs().sum(dim=-1) * context.features.detach().abs().sum(dim=-1)
