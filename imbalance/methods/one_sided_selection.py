"""One-sided selection (Kubat & Matwin 1997): larger classes lose images that are redundant, or at the border.

For each larger class c, S holds all images of the smallest classes and one random image of c. Of c are kept
that image and those that the nearest neighbour in S misclassifies; the others are redundant. Then c loses
its images that form a Tomek link with one of a smallest class: each is the other's nearest neighbour.

How many images are left follows from the data; add a `sampler` to balance the classes. The original has two
classes, and imbalanced-learn takes the first of several smallest ones. In our reading, all of them are taken
together, as for `near_miss`, and links among larger classes are left. A class that would lose all its images
keeps them (our choice). Neighbours are found among principal components (our choice).
"""

from typing import Any, ClassVar

import numpy as np
from imblearn.under_sampling import OneSidedSelection as Sampler
from pydantic import Field

from imbalance.data.examples import Examples
from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.cleaning import cleaned_against_smallest
from imbalance.methods.parts.components import principal_components


class OneSidedSelection(Baseline):
    """`components` is the number of principal components."""

    kind: ClassVar[str] = "cleaning"

    components: int = Field(default=32, ge=1)

    def prepare(self, examples: Examples, rng: np.random.Generator) -> Examples:
        """Return the images that are kept; all of the smallest classes are."""

        def sampler_of(references: int, size: int, smallest: int) -> Any:
            return Sampler(random_state=int(rng.integers(2**31)))

        rows = principal_components(examples, self.components, rng)
        return examples.at(cleaned_against_smallest(rows, examples.labels.numpy(), sampler_of, rng))
