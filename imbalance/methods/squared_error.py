"""Mean squared error: the loss with which Wang et al. (2016) compare the mean false error (`mfe`).

    L = 1/B sum_i e_i      e_i = 1/2 |p_i - Y_i|^2,  p = softmax(z), Y_i the one-hot label

It does nothing about imbalance: a frequent class has the most terms. On a balanced batch it is MFE / C.
"""

from typing import ClassVar

from torch import Tensor
from torch.nn.functional import one_hot

from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.losses import Context


class SquaredError(Baseline):
    """The field `weights` can weight the examples by class."""

    kind: ClassVar[str] = "loss"

    def losses(self, logits: Tensor, targets: Tensor, context: Context) -> Tensor:
        """Return the squared errors."""
        return (logits.softmax(dim=-1) - one_hot(targets, logits.shape[-1])).square().sum(dim=-1) / 2
