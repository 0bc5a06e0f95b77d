"""Frozen features: a classifier on the features of a pretrained network, which are computed once.

    L = -1/B sum_i ln softmax(W f(x_i) + b)[y_i]        only W and b are trained, from a new start

It is the linear probe of transfer learning (Yosinski et al. 2014; Kornblith et al. 2019), as cRT trains its
classifier, with the recipe's own schedule: a study on a processor takes minutes. It is made for networks of
torchvision with pretrained weights, but takes any start. `sampler` and `weights` address the imbalance.
"""

from typing import ClassVar

import numpy as np

from imbalance.data.examples import Examples
from imbalance.methods.parts.retraining import ClassifierRetraining


class FrozenFeatures(ClassifierRetraining):
    """Without hyper-parameters of its own. Features are those of evaluation: no dropout, no augmentation."""

    kind: ClassVar[str] = "retrained classifier"
    needs_trained_start: ClassVar[bool] = False

    def prepare(self, examples: Examples, rng: np.random.Generator) -> Examples:
        """Return the features (n, D) as they are; a method that has this hook gets them computed once."""
        return examples
