"""Pseudo-features (Konno & Iwazume 2018): Gaussian minority features; the classifier is trained anew.

    f ~ N(m_c, variance S_c)        m_c, S_c: mean and full covariance of the features of class c

The network named by `start` gives the features; its classifier is drawn afresh and trained on the real and
the pseudo-features. Where a class has fewer images than features, S_c is singular: it is shrunk towards a
sphere, S <- (1 - a) S + a tr(S) / D I; a class with one image takes the mean covariance within the others.
"""

from typing import ClassVar

import numpy as np
from pydantic import Field

from imbalance.data.examples import Examples
from imbalance.methods.parts.retraining import ClassifierRetraining
from imbalance.methods.parts.synthesis import gaussian_features


class PseudoFeatures(ClassifierRetraining):
    """`multiplier` is (real + pseudo) / real of a minority class; none fills it up to the largest class.

    `variance` magnifies the covariance; `shrinkage` is a.
    """

    kind: ClassVar[str] = "synthetic features"
    needs_linear_classifier: ClassVar[bool] = True

    multiplier: float | None = Field(default=None, ge=1, le=1000)
    variance: float = Field(default=1, gt=0, le=1000)
    shrinkage: float = Field(default=0.1, ge=0, le=1)

    def prepare(self, examples: Examples, rng: np.random.Generator) -> Examples:
        """The real features, followed by the pseudo-features."""
        return gaussian_features(examples, self.multiplier, self.variance, self.shrinkage, rng)
