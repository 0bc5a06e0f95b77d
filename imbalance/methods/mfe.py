"""Mean false error (Wang et al. 2016): every class in the batch counts alike, whatever its share.

    L = sum_c E_c      E_c = mean of e_i over the batch's examples of class c,  e_i = 1/2 |p_i - Y_i|^2

The paper has two classes, L = FPE + FNE; the sum over classes is its multi-class reading.
"""

from typing import ClassVar, Literal

from torch import Tensor

from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.losses import Context, class_errors


class Mfe(Baseline):
    """`error` is that of an example: squared, as in the paper, or its cross entropy.

    `mean` divides by C, which keeps the scale of an ordinary mean and so the learning rate.
    """

    kind: ClassVar[str] = "loss"
    corrects_priors: ClassVar[bool] = True

    error: Literal["squared", "cross_entropy"] = "squared"
    mean: bool = False

    def loss(self, logits: Tensor, targets: Tensor, context: Context) -> Tensor:
        """The sum, or mean, over the classes; one that is absent from the batch adds nothing."""
        errors = self.false_errors(logits, targets)
        return errors.mean(dim=-1) if self.mean else errors.sum(dim=-1)

    def false_errors(self, logits: Tensor, targets: Tensor) -> Tensor:
        """E_c of every class (..., C)."""
        return class_errors(logits, targets, self.error)
