"""Weighted cross entropy: every example is weighted by its inverse class frequency (FAU lecture notes).

    L = sum_i w[y_i] CE_i / sum_i w[y_i]        w_c = 1 / n_c

`weights` is one word: inverse (1 / n_c), sqrt (1 / sqrt(n_c)), effective (by the effective number of Cui et
al. 2019, which is 1 / n_c for classes of a few thousand) or equal; or a weight for each class by its name,
{healthy: 1, tumour: 5}, where a class that is not named weighs 1. It is one for any method.

`weights` can have another scale: {name: inverse, normalisation: examples} is w_c = N / (C n_c), as "balanced"
in scikit-learn, and divides by B. The gradient of a rare example is rho times that of a frequent one. At
rho = 100 and its recipe's rate, LeNet-5 on Fashion-MNIST fails in 14 of 15 trials with these, and in 6 of 13
with the default (studies/fashion_catalogue); `lr_factor: 0.1` keeps it stable.
"""

from typing import ClassVar

from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.class_weights import Inverse, Weights


class WeightedCrossEntropy(Baseline):
    """`weights` are the class weights, inverse by default."""

    kind: ClassVar[str] = "loss"
    corrects_priors: ClassVar[bool] = True

    weights: Weights = Inverse()
