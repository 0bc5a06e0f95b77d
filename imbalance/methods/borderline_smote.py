"""Borderline-SMOTE (Han, Wang & Mao 2005): SMOTE that starts from images in danger of being misclassified.

    x_new = x_i + u (x_nn - x_i)        u ~ U(0, 1), x_i in danger: of its m nearest neighbours, at least
                                        half, but not all, are of other classes

In version 1, x_nn is one of the k nearest neighbours in the class. In version 2, it is one of those among all
images, and u is multiplied by U(0, 1/2) if it is of another class. By imbalanced-learn, one class against all
others in turn, on pixels, as images are interpolated. A class with no image in danger is filled by SMOTE (our
choice); a class's only image is repeated.
"""

from typing import Any, ClassVar, Literal

import numpy as np
from imblearn.over_sampling import BorderlineSMOTE as Sampler
from pydantic import Field

from imbalance.data.examples import Examples
from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.one_vs_rest import fill_one_vs_rest
from imbalance.methods.parts.synthesis import smote


class BorderlineSmote(Baseline):
    """Every class grows to the size of the largest. `neighbors` is k, `surroundings` is m; there are fewer of
    them where there are fewer images.
    """

    kind: ClassVar[str] = "synthetic images"

    version: Literal[1, 2] = 1
    neighbors: int = Field(default=5, ge=1)
    surroundings: int = Field(default=10, ge=1)

    def prepare(self, examples: Examples, rng: np.random.Generator) -> Examples:
        """Return the real images, followed by the synthetic images, rounded to bytes."""

        def sampler_of(others: int, own: int, target: int) -> Any:
            return Sampler(
                sampling_strategy={1: target},
                random_state=int(rng.integers(2**31)),
                k_neighbors=min(self.neighbors, own - 1),
                m_neighbors=min(self.surroundings, others + own - 1),
                kind=f"borderline-{self.version}",
            )

        return smote(fill_one_vs_rest(examples, sampler_of), self.neighbors, rng)
