"""Class-aware sampling (Shen et al. 2016): every batch has about as many examples of each class.

    P(class c) = n_c^q / sum_k n_k^q,  then an example of it        q = 0

The family of Kang et al. (2020): q = 0 is class-balanced sampling, 1/2 square-root sampling, and 1 nearly the
baseline. Examples are drawn with replacement, and an epoch is as long as the baseline's: unlike one of
oversampling, it has only some of a large class.
"""

from typing import ClassVar

from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.samplers import Power, Sampler


class ClassAwareSampling(Baseline):
    """`sampler` has q."""

    kind: ClassVar[str] = "sampler"

    sampler: Sampler = Power(q=0)
