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
from imbalance.methods.parts.losses import Context, cross_entropy, inverse_sizes, of_classes


class Focal(Baseline):
    """`gamma` 0 is cross entropy. `alpha` "inverse" weights classes by 1 / n_c, scaled to sum to C."""

    kind: ClassVar[str] = "loss"

    gamma: float = Field(default=2, ge=0, le=10)
    alpha: Literal["none", "inverse"] = "none"
    form: Literal["softmax", "sigmoid"] = "softmax"

    @property
    def corrects_priors(self) -> bool:
        """Whether it weights the classes; otherwise, weights depend only on how hard an example is."""
        return self.alpha == "inverse"

    def loss(self, logits: Tensor, targets: Tensor, context: Context) -> Tensor:
        """Return the mean of the examples' focal losses."""
        if self.form == "softmax":
            entropy = cross_entropy(logits, targets)
            losses = missing(-entropy) ** self.gamma * entropy
        else:
            signs = 2 * one_hot(targets, logits.shape[-1]) - 1
            log_p = logsigmoid(signs * logits)
            losses = -(missing(log_p) ** self.gamma * log_p).sum(dim=-1)
        if self.alpha == "inverse":
            classes = inverse_sizes(context)
            losses = losses * of_classes(classes / classes.mean(dim=-1, keepdim=True), targets)
        return losses.mean(dim=-1)


def missing(log_p: Tensor) -> Tensor:
    """Return 1 - p, computed from ln p, but at least the smallest normal number.

    At p = 1, the loss is 0 all the same, as ln p is 0; but without the clamp its gradient would be 0 times
    the infinite slope of (1 - p)^gamma for gamma < 1.
    """
    return (-log_p.expm1()).clamp(min=torch.finfo(log_p.dtype).tiny)
