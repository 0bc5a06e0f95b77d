"""Expected cost by a cost matrix, plus cross entropy: an error costs by the true class and by the decision.

    L_i = sum_k K[y_i, k] p[i, k] + lambda CE_i        K[t, k]: the cost of deciding for k if t is true

The first term is the mean cost of a classifier that decides for class k with probability p_k. By default,
K[t, k] = N / (C n_t) if k is not t, which makes it 1 minus the mean recall of such a classifier. Given costs
can also tell errors apart, such as a missed tumour from a false alarm; K[t, t] must be 0.

The form for many classes is our choice: the cost-sensitive network of Wang et al. (2018) has two, and weights
their cross entropies, which is `weighted_cross_entropy`. So is lambda = 1: at a confident error, the gradient
of the expected cost vanishes, and that of the cross entropy does not. Predictions are argmax z, since the
loss knows the costs: the rule argmin_k sum_t p_t K[t, k], for networks that do not, would count them twice.
"""

from typing import ClassVar

from pydantic import Field
from torch import Tensor

from imbalance.methods.parts.costs import CostSensitive
from imbalance.methods.parts.losses import Context, cross_entropy


class CostMatrix(CostSensitive):
    """`costs` is K, a list of a row for each true class; `cross_entropy` is lambda."""

    kind: ClassVar[str] = "loss"

    cross_entropy: float = Field(default=1, ge=0, le=1000)

    def losses(self, logits: Tensor, targets: Tensor, context: Context) -> Tensor:
        """Return the expected costs plus the cross entropies."""
        expected = (self.costs_of(targets, context) * logits.softmax(dim=-1)).sum(dim=-1)
        return expected + self.cross_entropy * cross_entropy(logits, targets)
