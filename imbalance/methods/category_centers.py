"""Category centers (Zhang et al. 2018): the nearest class mean in feature space replaces the classifier.

y = argmin_c |f - m_c|        m_c: mean of the training features of class c; the score is -|f - m_c|
"""

from typing import Any, ClassVar

import numpy as np
import torch
from torch import nn

from imbalance.data.examples import Examples
from imbalance.methods.baseline import Baseline, Head, Trains
from imbalance.methods.parts.classifiers import NearestCenter


class CategoryCenters(Baseline):
    """Nothing is trained; the features are those of the networks named by `start`."""

    kind: ClassVar[str] = "rule of classification"
    needs_trained_start: ClassVar[bool] = True
    needs_linear_classifier: ClassVar[bool] = True
    corrects_priors: ClassVar[bool] = True
    goes_on_from: ClassVar[tuple[Head, ...]] = ("own", "normalised", "centers", "clusters")

    @property
    def trains(self) -> Trains:
        """Nothing is trained."""
        return "nothing"

    def ends_with(self, start: Head) -> Head:
        """Return the head of class centers."""
        return "centers"

    def finish(
        self, classifier: Any, training: Examples, validation: Examples, rng: np.random.Generator
    ) -> nn.Module:
        """Return the classifier by the distances to the class means."""
        members = [training.tensor[training.labels == label] for label in range(classifier.out_features)]
        return NearestCenter(torch.stack([features.mean(dim=0) for features in members]))
