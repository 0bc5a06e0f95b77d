"""What a method promises to the contract suite (test_catalogue.py); each method's test file lists `PROMISES`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from imbalance.methods.parts.losses import Context
from imbalance.methods.parts.samplers import Indices, Labels
from imbalance.methods.parts.training import Training

SIZES = (60, 30, 10)  # of the classes among the 100 images that the suite trains on
FILLED = (60, 60, 60)
LABELS = np.repeat(np.arange(3), SIZES)
POINTS = torch.randn(1000, 2, generator=torch.Generator().manual_seed(0))  # the features of a training
# Values of hyper-parameters at which a formula may break down.
EDGES: dict[str, tuple[float, ...]] = {
    "gamma": (0, 0.1, 0.5, 1, 2, 5),
    "beta": (0, 0.9, 0.9999),
    "tau": (0, 0.5, 1, 2),
    "max_margin": (0, 0.5),
    "deferred_until": (0, 1),
    "scale": (1, 30),
}


def context_of(
    logits: Tensor,
    sizes: Tensor,
    progress: float = 0,
    features: Tensor | None = None,
    state: Mapping[str, Tensor] | None = None,
    classifier: Callable[[Tensor], Tensor] = lambda features: features,
) -> Context:
    """What a loss knows of a batch with the given logits (..., B, C); its features are the logits by default."""
    return Context(
        sizes=sizes,
        progress=torch.tensor(progress),
        features=logits.detach() if features is None else features,
        positions=torch.arange(logits.shape[-2]).expand(logits.shape[:-1]),
        partners=torch.zeros(logits.shape[:-1], dtype=torch.int64),
        shares=torch.ones(logits.shape[:-2]),
        state=state or {},
        classifier=classifier,
    )


def training_of(
    iterations: int = 30,
    batch: int = 10,
    decisions: Callable[[], tuple[Labels, Labels]] = lambda: (LABELS, LABELS),
    features: Callable[[Indices], Tensor] = lambda positions: POINTS[torch.from_numpy(positions)],
) -> Training:
    """A training whose network decides rightly, unless told otherwise."""
    return Training(iterations, batch, decisions, features)


@dataclass(frozen=True)
class Promise:
    """With these parameters, an epoch holds so many examples of each class; None: nothing is trained.

    `on_average` where classes are drawn at random; `epochs` are looked at.
    """

    parameters: dict[str, Any]
    epoch: tuple[float, ...] | None
    on_average: bool = False
    epochs: int = 2
