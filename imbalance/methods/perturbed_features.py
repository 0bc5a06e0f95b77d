"""Perturbed features (Konno & Iwazume 2018, a comparator): noisy copies; the classifier is trained anew.

    f_new = f_i + e        e ~ N(0, S_c), S_c the covariance of class c's features

The paper does not say which covariance; here it is the class's full one, shrunk as in pseudo_features.
"""

from typing import ClassVar

import numpy as np
from pydantic import Field
from torch import nn

from imbalance.data.examples import Examples
from imbalance.methods.baseline import Baseline, Head, Trains
from imbalance.methods.parts.classifiers import fresh
from imbalance.methods.parts.synthesis import perturbed_features


class PerturbedFeatures(Baseline):
    """`multiplier`, `variance` and `shrinkage` as for pseudo_features."""

    kind: ClassVar[str] = "synthetic features"
    needs_trained_start: ClassVar[bool] = True
    needs_linear_classifier: ClassVar[bool] = True
    goes_on_from: ClassVar[tuple[Head, ...]] = ("own", "normalised", "centers")

    multiplier: float | None = Field(default=None, ge=1, le=1000)
    variance: float = Field(default=1, gt=0, le=1000)
    shrinkage: float = Field(default=0.1, ge=0, le=1)

    @property
    def trains(self) -> Trains:
        """The classifier, on real and perturbed features."""
        return "classifier"

    def ends_with(self, start: Head) -> Head:
        """Its fresh classifier."""
        return "own"

    def head(self, classifier: nn.Linear, rng: np.random.Generator) -> nn.Module:
        """A fresh classifier."""
        return fresh(classifier, rng)

    def prepare(self, examples: Examples, rng: np.random.Generator) -> Examples:
        """The real features, followed by noisy copies."""
        return perturbed_features(examples, self.multiplier, self.variance, self.shrinkage, rng)
