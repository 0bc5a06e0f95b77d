"""Random minority oversampling (Buda et al. 2018, §2.1 and §4.5): images of the smaller classes are repeated.

n_c -> max(n_c, ceil(n_max / ratio))        ratio = 1: every class as large as the largest
"""

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
from pydantic import Field

from imbalance.methods.baseline import Baseline
from imbalance.methods.parts import samplers
from imbalance.methods.parts.samplers import Indices, Labels
from imbalance.methods.parts.training import Training


class Oversampling(Baseline):
    """`ratio` is the remaining imbalance ratio: 1 balances the classes, rho itself would be the baseline."""

    kind: ClassVar[str] = "sampler"

    ratio: float = Field(default=1, ge=1)

    def epochs(self, labels: Labels, rng: np.random.Generator, training: Training) -> Iterator[Indices]:
        """Yield the epochs of the sampler of the same name."""
        return samplers.Oversampling(ratio=self.ratio).epochs(labels, rng, training.drawn)
