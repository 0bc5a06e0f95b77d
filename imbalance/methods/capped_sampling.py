"""Sampling below a threshold (Lee et al. 2016, phase 1): larger classes are undersampled to N images each.

    n_c -> min(n_c, N)        N = sqrt(n_min n_max), unless it is given

The classes are thresholded, not balanced. Lee et al. then fine-tune on all images, which is the baseline that
starts from these networks; they tell neither its layers nor its learning rate: all, at a tenth of the rate
(our choice). In params.yaml, as two methods:

    capped: {method: capped_sampling, start: initial}
    capped_then_all: {method: baseline, start: capped, lr_factor: 0.1}

They found N = 5000 for 3.4 million images by preliminary runs; the geometric mean is our choice.
"""

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
from pydantic import Field

from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.resampling import middle, resampled
from imbalance.methods.parts.samplers import Indices, Labels
from imbalance.methods.parts.training import Training


class CappedSampling(Baseline):
    """`largest` is N, the most images of a class; the images are drawn once."""

    kind: ClassVar[str] = "sampler"

    largest: int | None = Field(default=None, ge=1)

    def epochs(self, labels: Labels, rng: np.random.Generator, training: Training) -> Iterator[Indices]:
        """Yield epochs of one sample, in which no class has more than N images."""
        most = middle(np.bincount(labels)) if self.largest is None else self.largest
        classes = [np.flatnonzero(labels == label) for label in np.unique(labels)]
        sample = np.concatenate([resampled(members, min(most, len(members)), rng) for members in classes])
        while True:
            yield rng.permutation(sample)
