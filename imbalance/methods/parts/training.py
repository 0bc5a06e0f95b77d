"""The training as a method's hooks see it."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from imbalance.methods.parts.samplers import Indices, Labels


@dataclass(frozen=True)
class Training:
    """The length of a training, and two queries of the network in its present state, which take time.

    It has `iterations` iterations of `batch` examples each. `decisions()` returns the network's decisions on
    the validation data, and the labels. `features(positions)` returns its features of training examples. A
    method that calls either of them sets `asks_the_network`.
    """

    iterations: int
    batch: int
    decisions: Callable[[], tuple[Labels, Labels]]
    features: Callable[[Indices], Tensor]

    @property
    def drawn(self) -> int:
        """The number of examples that are drawn in all iterations together."""
        return self.iterations * self.batch
