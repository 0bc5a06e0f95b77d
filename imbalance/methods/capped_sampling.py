"""Sampling below a threshold (Lee et al. 2016, phase 1): larger classes are undersampled to N images each.

    n_c -> min(n_c, N)        N = sqrt(n_min n_max), unless it is given

The classes are thresholded, not balanced. Lee et al. then fine-tune on all images, which is the baseline that
starts from these networks; they tell neither its layers nor its learning rate: all, at a tenth of the rate
(our choice). In params.yaml, as two methods:

    capped: {method: capped_sampling, start: initial}
    capped_then_all: {method: baseline, start: capped, lr_factor: 0.1}

They found N = 5000 for 3.4 million images by preliminary runs; the geometric mean is our choice.
"""

from typing import ClassVar

from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.samplers import Capped, Sampler


class CappedSampling(Baseline):
    """The sampler is `{name: capped, largest: 500}`, which any other loss can have, too."""

    kind: ClassVar[str] = "sampler"

    sampler: Sampler = Capped()
