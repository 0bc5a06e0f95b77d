"""Jobs that differ in everything that networks of a fleet may differ in; without dropout, which is their own."""

import numpy as np
import torch
from torch import nn

from imbalance import catalogue, methods
from imbalance.methods import parse
from imbalance.networks import build, initialize
from imbalance.networks.parts.network import Network
from imbalance.training.devices import Precision
from imbalance.training.jobs import Job
from tests.builders.training import examples, recipe

MEMBERS = 3
# The methods that train something in a fleet.
TRAINING = [
    name
    for name in catalogue.names(methods)
    if not (method := parse({"method": name, "start": "baseline"})).asks_the_network
    and method.trains != "nothing"
]


def network_of(member: int, name: str = "lenet5") -> Network:
    """A network for 16 x 16 grey images of three classes, with weights of its own, and no dropout."""
    network = build(name, (1, 16, 16), 3)
    initialize(name, network, np.random.default_rng(member))
    for layer in network.modules():
        if isinstance(layer, nn.Dropout):
            layer.p = 0
    return network


def jobs(
    method: str = "baseline",
    network: str = "lenet5",
    iterations: int = 20,
    precision: Precision = "float32",
    rates: tuple[float, ...] = (0.003, 0.003, 0.001),
    **changes: object,
) -> list[Job]:
    """Fresh jobs, one for each of the `rates`: other weights, images, class sizes, batches."""
    return [
        Job(
            network_of(member, network),
            parse({"method": method, "start": "baseline"}),
            recipe(batch=10, base_lr=rate, **changes),
            iterations,
            examples(10 + member, (40 + member, 20, 8)),
            examples(2, (8, 8, 8)),
            examples(3),
            np.random.default_rng(100 + member),
            precision,
        )
        for member, rate in enumerate(rates)
    ]


def apart(one: Network, other: Network, start: Network) -> float:
    """How far the weights of two networks are from each other, relative to how far they came from the start."""
    weights = [dict(each.named_parameters()) for each in (one, other, start)]
    kept = weights[0].keys() & weights[2].keys()  # a method may have replaced the classifier
    ours, theirs, first = (
        torch.cat([each[name].detach().double().flatten() for name in sorted(kept)]) for each in weights
    )
    return float((ours - theirs).norm() / (theirs - first).norm())
