"""Mean false error (Wang et al. 2016): all classes in a batch have equal weight, whatever their shares.

    L = sum_c E_c      E_c = mean of e_i over the batch's examples of class c,  e_i = 1/2 |p_i - Y_i|^2

The paper has two classes, L = FPE + FNE; the sum over classes extends it to more.
"""

from typing import ClassVar, Literal

from torch import Tensor

from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.losses import Context, class_errors


class Mfe(Baseline):
    """`error` is the error of an example: squared, as in the paper, or its cross entropy.

    `mean` divides by C, which keeps the scale of an ordinary mean, and so suits the same learning rate.
    """

    kind: ClassVar[str] = "loss"
    corrects_priors: ClassVar[bool] = True
    has_losses: ClassVar[bool] = False

    error: Literal["squared", "cross_entropy"] = "squared"
    mean: bool = False

    def loss(self, logits: Tensor, targets: Tensor, context: Context) -> Tensor:
        """Return the sum, or mean, over the classes; a class that is absent from the batch adds 0."""
        errors = self.false_errors(logits, targets)
        return errors.mean(dim=-1) if self.mean else errors.sum(dim=-1)

    def false_errors(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Return E_c of every class (..., C)."""
        return class_errors(logits, targets, self.error)
