"""NearMiss (Zhang & Mani 2003): larger classes keep their images nearest to the smallest classes.

    n_c -> n_min        version 1: the smallest sums of distances to the k nearest images of a smallest class
                        version 2: to the k farthest of them
                        version 3: the largest sums to the k nearest, among the m nearest to each of them

The original has two classes, and imbalanced-learn's takes a single smallest class as the reference. In our
reading, the images of all classes of the smallest size are the reference together; if they outnumber a larger
class, as many of them at random as leave one fewer than it has. Distances are between principal components
(our choice), as neighbours among pixels take long to find. Version 3 may keep fewer than n_min.
"""

from typing import Any, ClassVar, Literal

import numpy as np
from imblearn.under_sampling import NearMiss as Sampler
from pydantic import Field

from imbalance.data.examples import Examples
from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.cleaning import cleaned_against_smallest
from imbalance.methods.parts.components import principal_components


class NearMiss(Baseline):
    """`neighbors` is k, `candidates` is m, `components` the number of principal components."""

    kind: ClassVar[str] = "cleaning"

    version: Literal[1, 2, 3] = 1
    neighbors: int = Field(default=3, ge=1)
    candidates: int = Field(default=3, ge=1)
    components: int = Field(default=32, ge=1)

    def prepare(self, examples: Examples, rng: np.random.Generator) -> Examples:
        """Return the images that are kept; all of the smallest classes are."""

        def sampler_of(references: int, size: int, smallest: int) -> Any:
            return Sampler(
                sampling_strategy={1: smallest},
                version=self.version,
                n_neighbors=min(self.neighbors, references),
                n_neighbors_ver3=min(self.candidates, size),
            )

        rows = principal_components(examples, self.components, rng)
        return examples.at(cleaned_against_smallest(rows, examples.labels.numpy(), sampler_of, rng))
