"""The base class of methods that train a new classifier on the features of trained networks."""

from typing import ClassVar

import numpy as np
from torch import nn

from imbalance.methods.baseline import Baseline, Head, Trains
from imbalance.methods.parts.classifiers import fresh


class ClassifierRetraining(Baseline):
    """A method that re-trains the classifier on the frozen features of the network named by `start`."""

    needs_trained_start: ClassVar[bool] = True
    goes_on_from: ClassVar[tuple[Head, ...]] = ("own", "normalised", "centers", "clusters")

    @property
    def trains(self) -> Trains:
        """The classifier, on frozen features."""
        return "classifier"

    def ends_with(self, start: Head) -> Head:
        """Return the head of a network's own kind of classifier."""
        return "own"

    def head(self, classifier: nn.Module, rng: np.random.Generator) -> nn.Module:
        """Return a re-initialised classifier."""
        return fresh(classifier, rng)
