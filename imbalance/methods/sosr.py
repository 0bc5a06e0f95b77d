"""Smooth one-sided regression, SOSR (Chung et al. 2016): the network learns what each decision would cost.

    L_i = sum_k ln(1 + exp(s_k (r_k - K[y_i, k])))        s_k = 1 if K[y_i, k] is the least cost, otherwise -1

K[t, k] is the cost of deciding for k if t is true; the decision is argmin_k r_k. The regression is one-sided:
r may be below the least cost, which is K[y, y] = 0, and above the others. Here, r = -z, so that predictions
are argmax z. The softmax of z is no probability, so that rules which divide it by priors have no meaning.

Khan et al. (2018) compare CoSen with it. The loss is from memory, and its default costs are our choice:
K[t, k] = N / (C n_t) if k is not t.
"""

from typing import ClassVar

import torch
from torch import Tensor
from torch.nn.functional import softplus

from imbalance.methods.parts.costs import CostSensitive
from imbalance.methods.parts.losses import Context


class Sosr(CostSensitive):
    """`costs` is K, a list of a row for each true class."""

    kind: ClassVar[str] = "loss"

    def losses(self, logits: Tensor, targets: Tensor, context: Context) -> Tensor:
        """Return the one-sided losses, summed over the classes."""
        costs = self.costs_of(targets, context)
        signs = torch.where(costs > 0, -1, 1)
        return softplus(signs * (-logits - costs)).sum(dim=-1)
