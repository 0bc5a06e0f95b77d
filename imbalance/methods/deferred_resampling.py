"""Deferred re-sampling, DRS (Cao et al. 2019): training without resampling first, then a balancing sampler.

    up to after * T: every example once an epoch        from then on: class-balanced sampling

Features are learnt from the imbalanced data; the classes are balanced when the learning rate is low. Cao et
al. defer to epoch 160 of 200. Any other method can have such a sampler, {name: deferred, sampler: ..., after:
...}.
"""

from typing import ClassVar

from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.samplers import Deferred, Sampler


class DeferredResampling(Baseline):
    """`sampler` is class-balanced by default, and begins at its `after`, a fraction of training."""

    kind: ClassVar[str] = "schedule"

    sampler: Sampler = Deferred()
