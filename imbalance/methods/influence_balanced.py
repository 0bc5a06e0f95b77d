"""Influence-balanced loss (Park et al. 2021): examples with much influence on the boundary weigh less.

    L_i = lambda[y_i] CE_i / (|p_i - Y_i|_1 |h_i|_1 + epsilon)
    lambda_c = alpha C (1 / n_c) / sum_k (1 / n_k)

h (B, D) are the features and Y the one-hot labels; the divisor, without epsilon, is the L1 norm of the
gradient of the cross entropy with respect to the classifier's weights. Training begins with plain cross
entropy. The paper's lambda is without C; lambda with C and alpha = 1000 is that of public code (Zhang et al.
2021). Our choice: the divisor is a constant for the gradient, which in public code flows through it.
"""

from typing import ClassVar

import torch
from pydantic import Field
from torch import Tensor
from torch.nn.functional import one_hot

from imbalance.methods.baseline import Baseline, Head
from imbalance.methods.parts.losses import Context, cross_entropy, inverse_sizes, of_classes


class InfluenceBalanced(Baseline):
    """`deferred_until` is the fraction of training with cross entropy; `alpha` scales the loss after it."""

    kind: ClassVar[str] = "loss"
    needs_linear_classifier: ClassVar[bool] = True
    corrects_priors: ClassVar[bool] = True
    goes_on_from: ClassVar[tuple[Head, ...]] = ("own",)

    alpha: float = Field(default=1000, gt=0, le=1e6)
    epsilon: float = Field(default=0.001, ge=1e-6, le=1)
    deferred_until: float = Field(default=0.5, ge=0, le=1)

    def losses(self, logits: Tensor, targets: Tensor, context: Context) -> Tensor:
        """Return the cross entropies, and later the balanced losses."""
        entropy = cross_entropy(logits, targets)
        classes = inverse_sizes(context)
        shares = self.alpha * classes / classes.mean(dim=-1, keepdim=True)
        balanced = (
            of_classes(shares, targets) * entropy / (self.influence(logits, targets, context) + self.epsilon)
        )
        return torch.where(context.progress < self.deferred_until, entropy, balanced)

    def influence(self, logits: Tensor, targets: Tensor, context: Context) -> Tensor:
        """Return |p - Y|_1 |h|_1 of every example (..., B), without gradient."""
        errors = logits.detach().softmax(dim=-1) - one_hot(targets, logits.shape[-1])
        return errors.abs().sum(dim=-1) * context.features.detach().abs().sum(dim=-1)
