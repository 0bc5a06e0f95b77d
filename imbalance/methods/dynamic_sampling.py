"""Dynamic sampling (Pouyanfar et al. 2018): classes with a low F1 score are sampled more often.

    m_c = C N* (1 - F1_c) / sum_k (1 - F1_k)        N* = n / C, the average class size

F1_c is measured one-vs-rest on held-out data after each epoch. The factor C, which keeps the length of an
epoch, is from the authors' public code; without it, as in the paper's equation, an epoch is only as long as
one average class. A class with a single training image has no held-out image, and takes the mean F1 of the
others, which gives it N* examples. The original also averages its predictions with those of a network that is
trained without resampling; `fused` does that.
"""

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from sklearn.metrics import f1_score

from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.samplers import Indices, Labels
from imbalance.methods.parts.training import Training


class DynamicSampling(Baseline):
    """`validation` is the held-out fraction of the training set on which F1 is measured. `fused` averages the
    predictions with those of a network that is trained without resampling.
    """

    kind: ClassVar[str] = "sampler"
    asks_the_network: ClassVar[bool] = True

    validation: float = Field(default=0.1, gt=0, lt=1)
    fused: bool = True

    @property
    def tunes(self) -> bool:
        """Always, as the sampling follows F1 on held-out data."""
        return True

    def members(self) -> tuple[Baseline, ...]:
        """Return this method and, if `fused`, the baseline that is trained without resampling."""
        plain = Baseline(**{name: getattr(self, name) for name in Baseline.model_fields})
        return (self, plain) if self.fused else (self,)

    def epochs(self, labels: Labels, rng: np.random.Generator, training: Training) -> Iterator[Indices]:
        """Yield a first epoch with classes of equal size, then epochs by the network's F1."""
        classes = np.unique(labels)
        f1 = np.zeros(len(classes))
        while True:
            sampled = []
            for label, size in zip(classes, next_sizes(f1, len(labels)), strict=True):
                members = np.flatnonzero(labels == label)
                sampled.append(rng.choice(members, size, replace=size > len(members)))
            yield rng.permutation(np.concatenate(sampled))
            f1 = class_f1(*training.decisions(), classes)


def class_f1(decided: Labels, truth: Labels, classes: Labels) -> NDArray[np.float64]:
    """Return the one-vs-rest F1 of the `classes` (C,); a class not in `truth` gets the mean of the others."""
    f1: NDArray[np.float64] = f1_score(truth, decided, labels=classes, average=None, zero_division=0)
    is_known = np.isin(classes, truth)
    return np.where(is_known, f1, f1[is_known].mean())


def next_sizes(f1: NDArray[np.float64], total: int) -> NDArray[np.int64]:
    """Return how many of about `total` examples in the next epoch each class has: at least one.

    If F1 is 1 for all classes, they have equal sizes.
    """
    missing = 1 - f1
    shares = missing / missing.sum() if missing.any() else np.full(len(f1), 1 / len(f1))
    return np.maximum(1, np.rint(shares * total)).astype(np.int64)
