"""Perturbed features (Konno & Iwazume 2018, a comparator): noisy copies of features; a new classifier.

    f_new = f_i + e        e ~ N(0, S_c), S_c the covariance of class c's features

The paper does not specify the covariance; here it is the class's full covariance, shrunk as in
pseudo_features.
"""

import numpy as np

from imbalance.data.examples import Examples
from imbalance.methods.parts.synthesis import perturbed_features
from imbalance.methods.pseudo_features import PseudoFeatures


class PerturbedFeatures(PseudoFeatures):
    """`multiplier`, `variance` and `shrinkage` are those of pseudo_features."""

    def prepare(self, examples: Examples, rng: np.random.Generator) -> Examples:
        """Return the real features, followed by noisy copies."""
        return perturbed_features(examples, self.multiplier, self.variance, self.shrinkage, rng)
