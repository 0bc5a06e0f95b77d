"""Class-balanced loss (Cui et al. 2019): classes are weighted by their effective numbers of examples.

    L = 1/B sum_i w[y_i] l_i        w_c = a (1 - beta) / (1 - beta^n_c),  a such that sum_c w_c = C

l is the cross entropy, or the focal loss if gamma > 0. With `form: sigmoid` it is a sum over the classes of
one-vs-rest losses: at gamma 0.5, 1 or 2, the paper's class-balanced focal loss. At beta = 0, all weights are
1; near 1, they become 1 / n_c. Large weights from the first epoch on harm the features; with
`deferred_reweighting` they begin later.
"""

from typing import ClassVar

from pydantic import Field

from imbalance.methods.focal import Focal
from imbalance.methods.parts.class_weights import ClassBalanced as ClassBalancedWeights
from imbalance.methods.parts.class_weights import Weights


class ClassBalanced(Focal):
    """`weights` has beta; `gamma` and `form` are the focal loss's."""

    corrects_priors: ClassVar[bool] = True

    gamma: float = Field(default=0, ge=0, le=10)
    weights: Weights = ClassBalancedWeights(normalisation="classes")
