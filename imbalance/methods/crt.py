"""Classifier re-training, cRT (Kang et al. 2020): plainly trained features, a fresh, balanced classifier.

The network named by `start`, trained on the data as they are, gives the features; its classifier is drawn
afresh and trained with class-balanced sampling: every class alike, then an example of the class.
"""

from typing import ClassVar

import numpy as np
from torch import nn

from imbalance.methods.baseline import Baseline, Head, Trains
from imbalance.methods.parts.classifiers import fresh
from imbalance.methods.parts.samplers import Power, Sampler


class Crt(Baseline):
    """`sampler` is class-balanced by default; the features keep their weights to the bit."""

    kind: ClassVar[str] = "retrained classifier"
    needs_trained_start: ClassVar[bool] = True
    goes_on_from: ClassVar[tuple[Head, ...]] = ("own", "normalised", "centers")

    sampler: Sampler = Power(q=0)

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
