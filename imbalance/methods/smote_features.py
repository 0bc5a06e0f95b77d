"""SMOTE in feature space (Konno & Iwazume 2018, a comparator); a new classifier is trained on the features.

f_new = f_i + u (f_nn - f_i)        u ~ U(0, 1), f_nn one of the k nearest neighbours of f_i in its class
"""

from typing import ClassVar

import numpy as np
from pydantic import Field

from imbalance.data.examples import Examples
from imbalance.methods.parts.retraining import ClassifierRetraining
from imbalance.methods.parts.synthesis import smote


class SmoteFeatures(ClassifierRetraining):
    """Every class grows to the size of the largest. `neighbors` is k; classes with fewer images use fewer."""

    kind: ClassVar[str] = "synthetic features"

    neighbors: int = Field(default=5, ge=1)

    def prepare(self, examples: Examples, rng: np.random.Generator) -> Examples:
        """Return the real features, followed by the synthetic features."""
        return smote(examples, self.neighbors, rng)
