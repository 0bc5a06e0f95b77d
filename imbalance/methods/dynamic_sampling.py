"""Dynamic sampling (Pouyanfar et al. 2018): classes that are recognised badly are seen more often.

    m_c = C N* (1 - F1_c) / sum_k (1 - F1_k)        N* = n / C, the average class size

F1_c is measured one-vs-rest on held-out data after each epoch. The factor C, which keeps the length of an
epoch, is that of the authors' public code; the paper's equation, without it, makes an epoch one average class
long. A class without a held-out image, as it has a single training image, takes the others' mean F1, which
gives it N* examples. The original also averages its predictions with those of a network trained without
sampling; `fused` does that.
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
    """`validation` is the fraction of the training set that F1 is measured on."""

    kind: ClassVar[str] = "sampler"
    asks_the_network: ClassVar[bool] = True

    validation: float = Field(default=0.1, gt=0, lt=1)
    fused: bool = True

    @property
    def tunes(self) -> bool:
        """What is sampled is chosen by held-out data."""
        return True

    def members(self) -> tuple[Baseline, ...]:
        """This, and the network trained without sampling."""
        plain = Baseline(start=self.start, lr_factor=self.lr_factor, validation=self.validation)
        return (self, plain) if self.fused else (self,)

    def epochs(self, labels: Labels, rng: np.random.Generator, training: Training) -> Iterator[Indices]:
        """A first epoch with all classes alike, then by what the network recognises."""
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
    """F1 of each of the `classes` (C,), one-vs-rest; of one that is not among the truth, the others' mean."""
    f1: NDArray[np.float64] = f1_score(truth, decided, labels=classes, average=None, zero_division=0)
    is_known = np.isin(classes, truth)
    return np.where(is_known, f1, f1[is_known].mean())


def next_sizes(f1: NDArray[np.float64], total: int) -> NDArray[np.int64]:
    """How many examples of each class the next epoch of about `total` holds: never none, so none vanishes.

    Where every class is recognised perfectly, all classes alike.
    """
    missing = 1 - f1
    shares = missing / missing.sum() if missing.any() else np.full(len(f1), 1 / len(f1))
    return np.maximum(1, np.rint(shares * total)).astype(np.int64)
