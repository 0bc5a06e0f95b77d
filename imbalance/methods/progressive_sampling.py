"""Progressively balanced sampling (Kang et al. 2020, §3): from instance-balanced to class-balanced sampling.

    P(class c) = (1 - t/T) n_c / N + (t/T) / C        t/T: the fraction of training that is done

Kang et al. change the shares from epoch to epoch; here they change from example to example, which is the same
in many epochs, and in few still goes all the way.
"""

from typing import ClassVar

from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.samplers import Progressive, Sampler


class ProgressiveSampling(Baseline):
    """The sampler is `{name: progressive}`, which any other loss can have, too."""

    kind: ClassVar[str] = "sampler"

    sampler: Sampler = Progressive()
