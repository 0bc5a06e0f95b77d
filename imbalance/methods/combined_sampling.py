"""Combined over- and undersampling (FAU lecture): all classes meet at one size between the extremes.

    n_c -> m        m = sqrt(n_min n_max), unless it is given

Fewer images are dropped than by undersampling, and fewer are repeated than by oversampling. The lecture gives
no m: the geometric mean, which is as many times n_min as n_max is of it, is our choice.
"""

from typing import ClassVar

from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.samplers import Combined, Sampler


class CombinedSampling(Baseline):
    """The sampler is `{name: combined, target: 500}`, which any other loss can have, too."""

    kind: ClassVar[str] = "sampler"

    sampler: Sampler = Combined()
