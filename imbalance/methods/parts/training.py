"""The training that a method is part of, as its hooks see it."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from imbalance.methods.parts.samplers import Indices, Labels


@dataclass(frozen=True)
class Training:
    """How long the training is, and what the network says as it is now; asking takes time.

    It has so many `iterations`, each of `batch` examples. `decisions()` are the network's decisions for the
    validation data, and their labels. `features(positions)` are its features of training examples. A method
    that calls either of them sets `asks_the_network`.
    """

    iterations: int
    batch: int
    decisions: Callable[[], tuple[Labels, Labels]]
    features: Callable[[Indices], Tensor]
