"""Mean squared false error (Wang et al. 2016): like the mean false error, but large class errors weigh more.

    L = sum_c E_c^2    E_c = mean of e_i over the batch's examples of class c,  e_i = 1/2 |p_i - Y_i|^2

The paper has two classes, L = FPE^2 + FNE^2; the sum over classes extends it to more.
"""

from torch import Tensor

from imbalance.methods.mfe import Mfe


class Msfe(Mfe):
    """`error` is the error of an example: squared, as in the paper, or its cross entropy.

    `mean` divides by C, which keeps the scale of an ordinary mean, and so suits the same learning rate.
    """

    def false_errors(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Return E_c^2 of every class (..., C)."""
        return super().false_errors(logits, targets).square()
