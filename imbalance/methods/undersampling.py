"""Random majority undersampling (Buda et al. 2018, §2.1 and §4.5): drop images of the larger classes.

n_c -> min(n_c, floor(ratio * n_min))        ratio = 1: every class as small as the smallest
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from imbalance.methods.baseline import Baseline, Indices


class Undersampling(Baseline):
    """`ratio` is the imbalance that is left; `fresh` draws the images that stay anew for each epoch.

    Fresh samples, so that all images are seen over time, are the FAU lecture's; the paper draws once.
    """

    ratio: float = Field(default=1, ge=1)
    fresh: bool = False

    def sample(self, labels: NDArray[np.integer], rng: np.random.Generator) -> Indices:
        """min(n_c, target) images of every class, without replacement."""
        sizes = np.bincount(labels)
        target = int(self.ratio * sizes[sizes > 0].min())
        sampled = []
        for label in np.unique(labels):
            members = np.flatnonzero(labels == label)
            sampled.append(rng.choice(members, min(target, len(members)), replace=False))
        return np.concatenate(sampled)

    def epochs(self, labels: NDArray[np.integer], rng: np.random.Generator) -> Iterator[Indices]:
        """As the baseline's, or each epoch from a fresh sample."""
        if not self.fresh:
            yield from super().epochs(labels, rng)
        while True:
            yield rng.permutation(self.sample(labels, rng))
