"""Equalisation loss (Tan et al. 2020), its softmax form: a rare class is spared most of the others' examples.

    L_i = -ln e^z[y] / (e^z[y] + sum_(k not y) F_k e^z[k])        F_k = 1 - gamma T_k,  T_k = 1 if k is rare

An example of class y lowers the logits of all other classes; the many examples of large classes so suppress
the rare ones. With F_k, they do so less. Predictions are argmax z.

The paper draws F_k = 0 with probability gamma, otherwise 1, for each example and rare class. Our choice is
the mean, 1 - gamma: the loss has no random draws, and the form that Menon et al. (2021) give it. From memory:
for CIFAR-100-LT, a class is rare if n_k / N < 0.003, and gamma is 0.95. Here, it is rare if n_k < 0.3 N / C,
which is the same for 100 classes and applies to any number.
"""

import math
from typing import ClassVar

import torch
from pydantic import Field
from torch import Tensor
from torch.nn.functional import one_hot

from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.losses import Context, cross_entropy


class Equalisation(Baseline):
    """`ignored` is gamma. A class is rare if it is smaller than `rare` times the mean class size."""

    kind: ClassVar[str] = "loss"
    corrects_priors: ClassVar[bool] = True

    ignored: float = Field(default=0.95, ge=0, lt=1)
    rare: float = Field(default=0.3, ge=0, le=1)

    def losses(self, logits: Tensor, targets: Tensor, context: Context) -> Tensor:
        """Return the cross entropies with F in the softmax: ln F_k is added to z_k."""
        is_rare = context.sizes < self.rare * context.sizes.mean(dim=-1, keepdim=True)
        is_spared = is_rare.unsqueeze(-2) & (one_hot(targets, logits.shape[-1]) == 0)
        adjusted = torch.where(is_spared, logits + math.log1p(-self.ignored), logits)
        return cross_entropy(adjusted, targets)
