"""Weighted cross entropy: every example is weighted by its inverse class frequency (FAU lecture notes).

    L = sum_i w[y_i] CE_i / sum_i w[y_i]        w_c = 1 / n_c

`weights` can have another scale: {name: inverse, normalisation: examples} is w_c = N / (C n_c), as "balanced"
in scikit-learn, and divides by B. The gradient of a rare example is rho times that of a frequent one. At
rho = 100 and its recipe's learning rate, LeNet-5 diverges under both; `lr_factor: 0.1` keeps it stable.
"""

from typing import ClassVar

from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.class_weights import Inverse, Weights


class WeightedCrossEntropy(Baseline):
    """`weights` are the class weights."""

    kind: ClassVar[str] = "loss"
    corrects_priors: ClassVar[bool] = True

    weights: Weights = Inverse()
