"""SMOTE in pixel space (Chawla et al. 2002): synthetic images between neighbours of the same class.

x_new = x_i + u (x_nn - x_i)        u ~ U(0, 1), x_nn one of the k nearest neighbours of x_i in its class
"""

from typing import ClassVar

import numpy as np
from pydantic import Field

from imbalance.data.examples import Examples
from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.synthesis import smote


class Smote(Baseline):
    """Every class is filled up to the largest; `neighbors` is k, fewer for classes that have fewer images."""

    kind: ClassVar[str] = "synthetic images"

    neighbors: int = Field(default=5, ge=1)

    def prepare(self, examples: Examples, rng: np.random.Generator) -> Examples:
        """The real images, followed by the synthetic ones, rounded to bytes."""
        return smote(examples, self.neighbors, rng)
