"""EasyEnsemble (Liu, Wu & Zhou 2009) of CNNs: each member is trained on its own undersampled set.

    p = 1/T sum_t p_t        member t: all of the smallest class, as many random images of every other

The members of the original are AdaBoosted; here each member is one network, trained as by `undersampling`.
"""

from typing import ClassVar

from pydantic import Field

from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.samplers import Sampler, Undersampling


class EasyEnsemble(Baseline):
    """`subsets` is T, the number of networks, each from its own initial weights; the cost is T-fold."""

    kind: ClassVar[str] = "ensemble"

    sampler: Sampler = Undersampling()
    subsets: int = Field(default=4, ge=1, le=100)

    def members(self) -> tuple[Baseline, ...]:
        """Return one network for each of the `subsets`; they differ in their random draws."""
        member = Baseline(**{name: getattr(self, name) for name in Baseline.model_fields})
        return (member,) * self.subsets
