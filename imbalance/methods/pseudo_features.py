"""Pseudo-features (Konno & Iwazume 2018): Gaussian features for the smaller classes; a new classifier.

    f ~ N(m_c, variance S_c)        m_c, S_c: mean and full covariance of the features of class c

The features are those of the network named by `start`, and stay frozen. Its classifier is re-initialised, and
trained on the real and the pseudo-features. S_c is shrunk towards a sphere, S <- (1 - a) S + a tr(S) / D I,
as it is singular for a class with fewer images than features. A class with one image takes the covariance
within classes, pooled over all classes.
"""

from typing import ClassVar

import numpy as np
from pydantic import Field

from imbalance.data.examples import Examples
from imbalance.methods.parts.retraining import ClassifierRetraining
from imbalance.methods.parts.synthesis import gaussian_features


class PseudoFeatures(ClassifierRetraining):
    """`multiplier` is the ratio (real + pseudo) / real of a smaller class; by default (null), each class
    grows to the size of the largest. `variance` multiplies the covariance; `shrinkage` is a.
    """

    kind: ClassVar[str] = "synthetic features"
    needs_linear_classifier: ClassVar[bool] = True

    multiplier: float | None = Field(default=None, ge=1, le=1000)
    variance: float = Field(default=1, gt=0, le=1000)
    shrinkage: float = Field(default=0.1, ge=0, le=1)

    def prepare(self, examples: Examples, rng: np.random.Generator) -> Examples:
        """Return the real features, followed by the pseudo-features."""
        return gaussian_features(examples, self.multiplier, self.variance, self.shrinkage, rng)
