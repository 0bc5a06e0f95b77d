"""Catalogue of networks: one file per architecture, with two functions.

`build(shape, classes)` builds the network for images of `shape` (channels, height, width), and
`initialize(network, rng)` draws its initial weights as published. A network with `TAKES_ROWS` is also built
for rows of a table, of `shape` (features,). A file with a function `names` has several networks, each called
<file>/<name>, and its `build` takes the name, too.
"""

import sys
from difflib import get_close_matches
from types import ModuleType

import numpy as np
import torch
from torch import nn

from imbalance import catalogue
from imbalance.errors import InputError
from imbalance.networks.parts.initializers import kaiming_normal
from imbalance.networks.parts.inputs import Inputs, Scale
from imbalance.networks.parts.network import Blueprint, Network

DEFAULT_INPUTS = Scale(name="scale", factor=1 / 256)


def module_of(name: str) -> str:
    """Return the module of the network `name`: torchvision/resnet18 -> imbalance.networks.torchvision."""
    return f"{__name__}.{name.partition('/')[0]}"


def check(name: str) -> None:
    """Raise an `InputError` that suggests the nearest valid name if there is no network `name`."""
    family, slash, member = name.partition("/")
    catalogue.check(sys.modules[__name__], family)
    members = list(getattr(_module(name), "names", list)()) if slash else []
    if slash and member not in members:
        near = [f"{family}/{each}" for each in get_close_matches(member, members, cutoff=0)] or [family]
        raise InputError(f"no network '{name}'; the nearest are: {', '.join(near)}.")


def build(name: str, shape: tuple[int, ...], classes: int, inputs: Inputs = DEFAULT_INPUTS) -> Network:
    """Build the network `name` for uint8 images of `shape` (channels, height, width), or for rows of a table.

    Its weights are torch's. The first layer of its features preprocesses the `inputs`; by default, it divides
    the pixels by 256. The network is in channels-last layout, in which LeNet-5 trains 1.6 times as fast on a
    CPU as in torch's default layout.
    """
    check(name)
    family, _, member = name.partition("/")
    module = catalogue.load(sys.modules[__name__], family)
    network: Network = module.build(shape, classes, member) if member else module.build(shape, classes)
    network.features.insert(0, inputs.layer(shape))
    network.blueprint = Blueprint(network=name, shape=shape, classes=classes, inputs=inputs)
    return network.to(memory_format=torch.channels_last)


def is_linear(name: str) -> bool:
    """Return whether the classifier of the network `name` is a linear layer, which some methods require."""
    return "/" in name or isinstance(build(name, (1, 64, 64), 2).classifier, nn.Linear)


def takes_rows(name: str) -> bool:
    """Return whether the network `name` can be built for the rows of a table."""
    return bool(getattr(_module(name), "TAKES_ROWS", False))


def initialize(name: str, network: Network, rng: np.random.Generator, pretrained: bool = False) -> None:
    """Draw the weights that a network was published with; of a `pretrained` one, those of the classifier."""
    if pretrained:
        kaiming_normal(network.classifier, rng)
    else:
        _module(name).initialize(network, rng)


def pretrain(name: str, network: Network, source: str) -> dict[str, str]:
    """Give the network `name` pretrained weights, as `imbalance.networks.torchvision.pretrain` says."""
    named: dict[str, str] = _module(name).pretrain(network, source)
    return named


def _module(name: str) -> ModuleType:
    """Import the file of the network `name`; raises `InputError` if there is none."""
    return catalogue.load(sys.modules[__name__], name.partition("/")[0])
