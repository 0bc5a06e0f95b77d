"""Random minority oversampling (Buda et al. 2018, §2.1 and §4.5): repeat images of the smaller classes.

n_c -> max(n_c, ceil(n_max / ratio))        ratio = 1: every class as large as the largest
"""

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from imbalance.methods.baseline import Baseline, Indices


class Oversampling(Baseline):
    """`ratio` is the imbalance that is left: 1 removes it all, rho itself would be the baseline."""

    ratio: float = Field(default=1, ge=1)

    def sample(self, labels: NDArray[np.integer], rng: np.random.Generator) -> Indices:
        """Every image floor(target / n_c) times, and a random remainder, without replacement, once more."""
        target = int(np.ceil(np.bincount(labels).max() / self.ratio))
        sampled = []
        for label in np.unique(labels):
            members = np.flatnonzero(labels == label)
            copies, remainder = divmod(max(target, len(members)), len(members))
            sampled += [np.tile(members, copies), rng.choice(members, remainder, replace=False)]
        return np.concatenate(sampled)
