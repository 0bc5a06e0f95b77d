"""Focal loss (Lin et al. 2017), multi-class: well-classified examples have less weight.

    FL_i = -alpha[y_i] (1 - p[i, y_i])^gamma ln p[i, y_i]

p is the plain softmax. The shortcut p = exp(-weighted CE), found in public code, is wrong unless all class
weights are 1. The sigmoid form (Cui et al. 2019) sums one-vs-rest focal losses over the classes.
"""

from typing import ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor
from torch.nn.functional import logsigmoid, one_hot

from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.losses import Context, cross_entropy


class Focal(Baseline):
    """`gamma` 0 is cross entropy. The field `weights` has alpha: all 1 by default."""

    kind: ClassVar[str] = "loss"

    gamma: float = Field(default=2, ge=0, le=10)
    form: Literal["softmax", "sigmoid"] = "softmax"

    def losses(self, logits: Tensor, targets: Tensor, context: Context) -> Tensor:
        """Return the focal losses."""
        if self.form == "softmax":
            entropy = cross_entropy(logits, targets)
            return missing(-entropy) ** self.gamma * entropy
        signs = 2 * one_hot(targets, logits.shape[-1]) - 1
        log_p = logsigmoid(signs * logits)
        return -(missing(log_p) ** self.gamma * log_p).sum(dim=-1)


def missing(log_p: Tensor) -> Tensor:
    """Return 1 - p, computed from ln p, but at least the smallest normal number.

    At p = 1, the loss is 0 all the same, as ln p is 0; but without the clamp its gradient would be 0 times
    the infinite slope of (1 - p)^gamma for gamma < 1.
    """
    return (-log_p.expm1()).clamp(min=torch.finfo(log_p.dtype).tiny)
