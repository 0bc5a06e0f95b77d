"""Edited nearest neighbours (Wilson 1972): larger classes lose images whose neighbours are of other classes.

    rule all:  an image is kept if all its k nearest neighbours are of its class
    rule mode: if its class is the most frequent among them, as in the original

The original edits all classes; here, as by default in imbalanced-learn, only those larger than the smallest
are edited. Of several smallest classes, all stay whole (our reading; the library spares the first alone). A
class that would lose all its images keeps them (our choice). How many images are left follows from the data;
add a `sampler` to balance the classes. Neighbours, of all classes, are found among principal components (our
choice).
"""

from typing import ClassVar, Literal

import numpy as np
from imblearn.under_sampling import EditedNearestNeighbours as Sampler
from pydantic import Field

from imbalance.data.examples import Examples
from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.cleaning import larger_classes
from imbalance.methods.parts.components import principal_components


class EditedNearestNeighbours(Baseline):
    """`neighbors` is k, `components` the number of principal components."""

    kind: ClassVar[str] = "cleaning"

    rule: Literal["all", "mode"] = "all"
    neighbors: int = Field(default=3, ge=1)
    components: int = Field(default=32, ge=1)

    def prepare(self, examples: Examples, rng: np.random.Generator) -> Examples:
        """Return the images that are kept; all of the smallest classes are."""
        labels = examples.labels.numpy()
        rows = principal_components(examples, self.components, rng)
        edited = larger_classes(labels)
        if not len(edited):
            return examples
        sampler = Sampler(
            sampling_strategy=edited.tolist(),
            n_neighbors=min(self.neighbors, len(labels) - 1),
            kind_sel=self.rule,
        )
        sampler.fit_resample(rows, labels)
        kept = np.isin(np.arange(len(labels)), sampler.sample_indices_)
        emptied = np.setdiff1d(labels, labels[kept])
        return examples.at(np.flatnonzero(kept | np.isin(labels, emptied)))
