"""Progressively balanced sampling (Kang et al. 2020, §3): from instance-balanced to class-balanced sampling.

    P(class c) = (1 - t/T) n_c / N + (t/T) / C        t/T: the fraction of training that is done

The shares are those of the beginning of an epoch, of as many examples as the training set has.
"""

from typing import ClassVar

from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.samplers import Progressive, Sampler


class ProgressiveSampling(Baseline):
    """The sampler is `{name: progressive}`, which any other loss can have, too."""

    kind: ClassVar[str] = "sampler"

    sampler: Sampler = Progressive()
