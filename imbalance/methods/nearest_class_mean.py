"""Nearest class mean, NCM (Kang et al. 2020): the class mean at the smallest angle replaces the classifier.

    y = argmax_c cos(f, m_c)        m_c: mean of f / |f| over the training features of class c

`category_centers` uses Euclidean distances to the means of the features as they are, which also depend on
their norms; here all features have norm 1, and only directions count. The score of a class is the cosine.
"""

import numpy as np
import torch
from torch import nn
from torch.nn.functional import normalize

from imbalance.data.examples import Examples
from imbalance.methods.baseline import Head
from imbalance.methods.category_centers import CategoryCenters
from imbalance.methods.parts.classifiers import NearestCenter, NormedLinear


class NearestClassMean(CategoryCenters):
    """Nothing is trained; the features are those of the networks named by `start`."""

    def ends_with(self, start: Head) -> Head:
        """Return the head of a normalised classifier."""
        return "normalised"

    def finish(
        self,
        classifier: nn.Linear | NormedLinear | NearestCenter,
        training: Examples,
        validation: Examples,
        rng: np.random.Generator,
    ) -> nn.Module:
        """Return the classifier by the cosines with the class means; the cosine of an absent class is 0."""
        directions = normalize(training.tensor, dim=1)
        classes = range(classifier.out_features)
        return NormedLinear(
            torch.stack([directions[training.labels == label].sum(dim=0) for label in classes]), scale=1
        )
