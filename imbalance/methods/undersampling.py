"""Random majority undersampling (Buda et al. 2018, §2.1 and §4.5): images of the larger classes are dropped.

n_c -> min(n_c, floor(ratio * n_min))        ratio = 1: every class as small as the smallest
"""

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
from pydantic import Field

from imbalance.methods.baseline import Baseline
from imbalance.methods.parts import samplers
from imbalance.methods.parts.samplers import Indices, Labels
from imbalance.methods.parts.training import Training


class Undersampling(Baseline):
    """`ratio` is the remaining imbalance ratio; `fresh` draws a new sample of images for each epoch."""

    kind: ClassVar[str] = "sampler"

    ratio: float = Field(default=1, ge=1)
    fresh: bool = False

    def epochs(self, labels: Labels, rng: np.random.Generator, training: Training) -> Iterator[Indices]:
        """Yield the epochs of the sampler of the same name."""
        return samplers.Undersampling(ratio=self.ratio, fresh=self.fresh).epochs(labels, rng, training.drawn)
