"""SMOTE in feature space (Konno & Iwazume 2018, a comparator); the classifier is trained anew.

f_new = f_i + u (f_nn - f_i)        u ~ U(0, 1), f_nn one of the k nearest neighbours of f_i in its class
"""

from typing import ClassVar

import numpy as np
from pydantic import Field
from torch import nn

from imbalance.data.examples import Examples
from imbalance.methods.baseline import Baseline, Head, Trains
from imbalance.methods.parts.classifiers import fresh
from imbalance.methods.parts.synthesis import smote


class SmoteFeatures(Baseline):
    """Every class is filled up to the largest; `neighbors` is k, fewer for classes that have fewer images."""

    kind: ClassVar[str] = "synthetic features"
    needs_trained_start: ClassVar[bool] = True
    goes_on_from: ClassVar[tuple[Head, ...]] = ("own", "normalised", "centers")

    neighbors: int = Field(default=5, ge=1)

    @property
    def trains(self) -> Trains:
        """The classifier, on real and synthetic features."""
        return "classifier"

    def ends_with(self, start: Head) -> Head:
        """Its fresh classifier."""
        return "own"

    def head(self, classifier: nn.Module, rng: np.random.Generator) -> nn.Module:
        """A fresh classifier."""
        return fresh(classifier, rng)

    def prepare(self, examples: Examples, rng: np.random.Generator) -> Examples:
        """The real features, followed by the synthetic ones."""
        return smote(examples, self.neighbors, rng)
