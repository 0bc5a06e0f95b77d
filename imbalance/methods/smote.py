"""SMOTE in pixel space (Chawla et al. 2002): synthetic images, interpolated between neighbours in a class.

x_new = x_i + u (x_nn - x_i)        u ~ U(0, 1), x_nn one of the k nearest neighbours of x_i in its class
"""

from typing import ClassVar

import numpy as np
from pydantic import Field

from imbalance.data.examples import Examples
from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.synthesis import smote


class Smote(Baseline):
    """Every class grows to the size of the largest. `neighbors` is k; classes with fewer images use fewer."""

    kind: ClassVar[str] = "synthetic images"

    neighbors: int = Field(default=5, ge=1)

    def prepare(self, examples: Examples, rng: np.random.Generator) -> Examples:
        """Return the real images, followed by the synthetic images, rounded to bytes."""
        return smote(examples, self.neighbors, rng)
