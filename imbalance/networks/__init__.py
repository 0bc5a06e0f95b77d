"""Catalogue of networks: one file per architecture, with a function `build(shape, classes)`."""

import sys
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from imbalance import catalogue


class Network(nn.Module):
    """An architecture in two parts: `features` of uint8 images, and a `classifier` of the features.

    Shapes: images (N, channels, height, width) -> features (N, D) -> logits (N, classes). The classifier
    is what two-phase training fine-tunes and what classifier retraining replaces.
    """

    def __init__(self, features: nn.Module, classifier: nn.Module) -> None:
        super().__init__()
        self.features = features
        self.classifier: Any = classifier  # methods may put another module in its place

    def forward(self, images: Tensor) -> Tensor:
        return self.classifier(self.features(images))


class Ensemble(nn.Module):
    """Networks whose probabilities are averaged: logits are ln(mean of softmax)."""

    def __init__(self, members: list[Network]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)

    def forward(self, images: Tensor) -> Tensor:
        log_p = torch.stack([member(images).log_softmax(dim=-1) for member in self.members])
        return log_p.logsumexp(dim=0) - np.log(len(self.members))


class Linear(nn.Linear):
    """A linear layer by oneDNN: MKL's, pinned to the same bytes on every processor, takes twice as long."""

    def forward(self, features: Tensor) -> Tensor:
        if features.device.type != "cpu" or not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
            return super().forward(features)
        return nn.functional.linear(features.to_mkldnn(), self.weight, self.bias).to_dense()


def build(name: str, shape: tuple[int, int, int], classes: int) -> Network:
    """The network `name` for images of `shape` (channels, height, width), with torch's default weights.

    In channels-last layout: LeNet-5 trains 1.6 times as fast on a CPU as in torch's default layout.
    """
    network: Network = catalogue.load(sys.modules[__name__], name).build(shape, classes)
    return network.to(memory_format=torch.channels_last)


def caffe_xavier(network: nn.Module, rng: np.random.Generator) -> None:
    """Initialise like Caffe's "xavier" filler: weights U(-a, a), a = sqrt(3 / fan_in); biases zero.

    torch's `xavier_uniform_` is another distribution: its a = sqrt(6 / (fan_in + fan_out)).
    """
    for name, parameter in network.named_parameters():
        if name.endswith("bias"):
            nn.init.zeros_(parameter)
        else:
            bound = np.sqrt(3 / parameter[0].numel())
            drawn = rng.uniform(-bound, bound, tuple(parameter.shape)).astype(np.float32)
            parameter.data.copy_(torch.from_numpy(drawn))
