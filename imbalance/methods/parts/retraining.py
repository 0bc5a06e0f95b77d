"""What methods have in common that train a fresh classifier on the features of trained networks."""

from typing import ClassVar

import numpy as np
from torch import nn

from imbalance.methods.baseline import Baseline, Head, Trains
from imbalance.methods.parts.classifiers import fresh


class ClassifierRetraining(Baseline):
    """The network named by `start` gives the features, which keep their weights to the bit."""

    needs_trained_start: ClassVar[bool] = True
    goes_on_from: ClassVar[tuple[Head, ...]] = ("own", "normalised", "centers")

    @property
    def trains(self) -> Trains:
        """The classifier, on features that do not change."""
        return "classifier"

    def ends_with(self, start: Head) -> Head:
        """Its fresh classifier."""
        return "own"

    def head(self, classifier: nn.Module, rng: np.random.Generator) -> nn.Module:
        """A fresh classifier."""
        return fresh(classifier, rng)
