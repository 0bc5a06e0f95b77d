"""Deferred re-sampling, DRS (Cao et al. 2019): training without resampling first, then a balancing sampler.

    iterations t < after * T: every example once an epoch        from then on: the field `sampler`

Features are learnt from the imbalanced data; the classes are balanced when the learning rate is low. Cao et
al. defer class-balanced sampling to epoch 160 of 200. The last plain epoch is cut short when the sampler
begins.
"""

import math
from collections.abc import Iterator
from typing import ClassVar

import numpy as np
from pydantic import Field

from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.samplers import Indices, Instance, Labels, Power, Sampler
from imbalance.methods.parts.training import Training
from imbalance.subsets.rounding import clean


class DeferredResampling(Baseline):
    """`after` is the fraction of training before the `sampler` begins, which is class-balanced by default."""

    kind: ClassVar[str] = "schedule"

    sampler: Sampler = Power(q=0)
    after: float = Field(default=0.8, ge=0, le=1)

    def epochs(self, labels: Labels, rng: np.random.Generator, training: Training) -> Iterator[Indices]:
        """Yield epochs without resampling, and then those of the sampler."""
        left = math.ceil(clean(self.after * training.iterations)) * training.batch
        plain = Instance().epochs(labels, rng)
        while left:
            epoch = next(plain)[:left]
            left -= len(epoch)
            yield epoch
        yield from self.sampler.epochs(labels, rng)
