"""Soft Dice loss (Milletari et al. 2016; FAU lecture notes), read for classification, plus cross entropy.

    L = 1 - mean_c D_c + lambda CE      D_c = (2 sum_i p_ic Y_ic + s) / (sum_i p_ic + sum_i Y_ic + s)

Sums are over a batch, Y are the one-hot labels, and the mean is over the classes that are in the batch, each
with equal weight. D_c is a soft F1 score of class c. In segmentation, a batch has thousands of pixels; here,
it should have several images of each class.

Our choices: to read it for classification, to leave out absent classes, s = 1 as in common code, and lambda =
1, since the gradient of D_c is weak where p is near 1 / C, as it is at the start.
"""

from typing import ClassVar

from pydantic import Field
from torch import Tensor
from torch.nn.functional import one_hot

from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.losses import Context, cross_entropy


class Dice(Baseline):
    """`smoothing` is s, `cross_entropy` is lambda. With `squared`, the divisor has the sums of p^2 and Y^2 in
    place of p and Y, as in Milletari et al.
    """

    kind: ClassVar[str] = "loss"
    corrects_priors: ClassVar[bool] = True
    has_losses: ClassVar[bool] = False

    smoothing: float = Field(default=1, ge=0, le=1000)
    squared: bool = False
    cross_entropy: float = Field(default=1, ge=0, le=1000)

    def loss(self, logits: Tensor, targets: Tensor, context: Context) -> Tensor:
        """Return the Dice loss plus the mean cross entropy."""
        entropy = cross_entropy(logits, targets).mean(dim=-1)
        return self.dice_loss(logits, targets) + self.cross_entropy * entropy

    def dice_loss(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Return 1 - mean_c D_c (...), with the mean over the classes that are among the targets."""
        probabilities = logits.softmax(dim=-1)
        members = one_hot(targets, logits.shape[-1]).to(logits.dtype)
        predicted = (probabilities.square() if self.squared else probabilities).sum(dim=-2)
        found, present = (probabilities * members).sum(dim=-2), members.sum(dim=-2)
        # without the clamp, the score of an absent class could be 0 / 0
        scores = (2 * found + self.smoothing) / (predicted + present.clamp(min=1) + self.smoothing)
        is_present = present > 0
        return 1 - (scores * is_present).sum(dim=-1) / is_present.sum(dim=-1)
