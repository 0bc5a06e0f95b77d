"""The baseline: do nothing about imbalance (Buda et al. 2018, §3.2). Every other method is this but for ...

    L = -1/B sum_i ln p[i, y_i]        p = softmax(z), z (B, C) logits of a batch, y (B,) labels

A method is a frozen set of hyper-parameters (the fields) and overrides only what it changes.
"""

from collections.abc import Iterator
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor
from torch.nn.functional import cross_entropy

from imbalance.recipes import Strict

Indices = NDArray[np.int64]


class Baseline(Strict):
    """What a method can change: what is trained, on which examples, by which loss.

    `start` names the networks to start from: "initial" (random weights) or another method of
    `params.yaml`. `lr_factor` multiplies the recipe's learning rate.
    """

    trains: ClassVar[Literal["network", "classifier"]] = "network"

    start: str
    lr_factor: float = Field(default=1, gt=0)

    def sample(self, labels: NDArray[np.integer], rng: np.random.Generator) -> Indices:
        """What the network is trained on, as positions in the subset with the given `labels` (n,)."""
        return np.arange(len(labels))

    def epochs(self, labels: NDArray[np.integer], rng: np.random.Generator) -> Iterator[Indices]:
        """Endless epochs: positions in the order of training. Here one sample, shuffled anew each time."""
        sample = self.sample(labels, rng)
        while True:
            yield rng.permutation(sample)

    def loss(self, logits: Tensor, targets: Tensor) -> Tensor:
        """The mean loss of a batch: logits (B, C) and targets (B,) to a scalar."""
        return cross_entropy(logits, targets)
