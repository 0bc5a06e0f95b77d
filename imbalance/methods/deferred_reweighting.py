"""Deferred re-weighting, DRW (Cao et al. 2019): training without weights first, then class-balanced weights.

    iterations t < after * T: w_c = 1        from then on: w_c = (1 - beta) / (1 - beta^n_c)

Features are learnt from the imbalanced data; the classes are weighted when the learning rate is low. Cao et
al. defer to epoch 160 of 200. Any other loss can be weighted so, by its `weights`; LDAM is by default.
"""

from typing import ClassVar

from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.class_weights import ClassBalanced, Weights


class DeferredReweighting(Baseline):
    """`weights` are class-balanced (Cui et al. 2019), and begin at their `after`, a fraction of training."""

    kind: ClassVar[str] = "schedule"
    corrects_priors: ClassVar[bool] = True

    weights: Weights = ClassBalanced(after=0.8)
