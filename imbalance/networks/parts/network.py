"""The base class of all networks: features of images, and a classifier of the features."""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from imbalance.errors import InputError
from imbalance.networks.parts.inputs import InputLayer, Inputs
from imbalance.networks.parts.stacking import stack, stack_each
from imbalance.strict import Strict


class Blueprint(Strict):
    """The arguments of `networks.build`, in its order: they determine how a network is built."""

    network: str
    shape: tuple[int, ...]  # (channels, height, width) of images, or (features,) of rows
    classes: int
    inputs: Inputs


class Network(nn.Module):
    """A network in two parts: `features` of images, and a `classifier` of the features.

    Shapes: images (N, channels, height, width) -> features (N, D), or maps (N, D, h, w) if the classifier is
    convolutional -> logits (N, classes). Two-phase training fine-tunes the classifier alone; classifier
    re-training replaces it.
    """

    blueprint: Blueprint  # set by `networks.build`

    def __init__(self, features: nn.Sequential, classifier: nn.Module, classes: int) -> None:
        super().__init__()
        self.classes = classes
        self.features: nn.Sequential = features
        self.classifier: Any = classifier  # methods may put another module in its place

    @property
    def inputs(self) -> InputLayer:
        """The input layer, which takes uint8 images, or float32 rows."""
        return cast(InputLayer, self.features[0])

    def forward(self, images: Tensor) -> Tensor:
        return self.classifier(self.features(images))

    @staticmethod
    def stacked(networks: Sequence["Network"]) -> nn.Module:
        """Return the network of the stacked features and the stacked classifiers."""
        features = cast(nn.Sequential, stack([network.features for network in networks]))
        return Network(features, stack([network.classifier for network in networks]), networks[0].classes)


class FrozenFeatures(nn.Sequential):
    """Features that are not trained: dropout is active, batch normalisation uses its running statistics."""

    def train(self, mode: bool = True) -> "FrozenFeatures":
        super().train(mode)
        for layer in self.modules():
            if hasattr(layer, "running_mean"):
                layer.eval()
        return self

    def forward(self, images: Tensor) -> Tensor:
        with torch.no_grad():
            features: Tensor = super().forward(images)  # type: ignore[no-untyped-call]
        return features

    @staticmethod
    def stacked(members: Sequence["FrozenFeatures"]) -> nn.Module:
        """Return the stacked features, which are frozen as well."""
        return FrozenFeatures(*stack_each(members))


class Ensemble(nn.Module):
    """An ensemble of networks, whose probabilities are averaged: its logits are ln(mean of softmax)."""

    def __init__(self, members: list[Network]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)

    @property
    def networks(self) -> list[Network]:
        """The members of the ensemble."""
        return [cast(Network, member) for member in self.members]

    def forward(self, images: Tensor) -> Tensor:
        log_p = torch.stack([member(images).log_softmax(dim=-1) for member in self.members])
        return log_p.logsumexp(dim=0) - np.log(len(self.members))


def refuse_smaller(side: int, shape: tuple[int, int, int], name: str) -> None:
    """Raise an `InputError` if images of `shape` (channels, height, width) have a side below `side`."""
    _, height, width = shape
    if min(height, width) < side:
        raise InputError(
            f"network '{name}' needs images of at least {side} x {side} pixels; these are {height} x {width}."
        )
