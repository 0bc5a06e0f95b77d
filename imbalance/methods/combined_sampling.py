"""Combined over- and undersampling (FAU lecture): all classes meet at one size between the extremes.

    n_c -> m        m = sqrt(n_min n_max), unless it is given

Fewer images are dropped than by undersampling, and fewer are repeated than by oversampling. The lecture gives
no m: the geometric mean, which is as many times n_min as n_max is of it, is our choice.
"""

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
from pydantic import Field

from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.resampling import middle, resampled
from imbalance.methods.parts.samplers import Indices, Labels
from imbalance.methods.parts.training import Training


class CombinedSampling(Baseline):
    """`target` is m; `fresh` draws a new sample of images for each epoch."""

    kind: ClassVar[str] = "sampler"

    target: int | None = Field(default=None, ge=1)
    fresh: bool = False

    def epochs(self, labels: Labels, rng: np.random.Generator, training: Training) -> Iterator[Indices]:
        """Yield epochs with all classes of one size, all of one sample, or each of a fresh one."""
        wanted = middle(np.bincount(labels)) if self.target is None else self.target
        classes = [np.flatnonzero(labels == label) for label in np.unique(labels)]
        sample = np.concatenate([resampled(members, wanted, rng) for members in classes])
        while True:
            yield rng.permutation(sample)
            if self.fresh:
                sample = np.concatenate([resampled(members, wanted, rng) for members in classes])
