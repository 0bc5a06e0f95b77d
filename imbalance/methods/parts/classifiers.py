"""Classifiers that methods use in place of a linear layer: features (n, D) to logits (n, C)."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from imbalance.networks.parts.initializers import caffe_xavier
from imbalance.networks.parts.stacking import affine, by_member


class NormedLinear(nn.Module):
    """A normalised classifier: scaled cosines s * cos(f, w_c) with the class weights (Cao et al. 2019)."""

    def __init__(self, weight: Tensor, scale: float) -> None:
        super().__init__()
        self.out_features, self.in_features = weight.shape
        self.weight = nn.Parameter(weight.detach().clone())
        self.scale = scale

    def forward(self, features: Tensor) -> Tensor:
        return self.scale * normalize(features, dim=-1) @ normalize(self.weight, dim=-1).T

    @staticmethod
    def stacked(layers: Sequence["NormedLinear"]) -> nn.Module:
        """See `StackedNormedLinear`."""
        return StackedNormedLinear(layers)


class StackedNormedLinear(nn.Module):
    """The stacked twin of `NormedLinear`: weight (K, C, D)."""

    def __init__(self, layers: Sequence[NormedLinear]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.stack([layer.weight.detach() for layer in layers]))
        self.scale = layers[0].scale

    def forward(self, features: Tensor) -> Tensor:
        members = by_member(normalize(features, dim=-1), len(self.weight))
        return self.scale * affine(members, normalize(self.weight, dim=-1), None).flatten(0, 1)


class NearestCenter(nn.Module):
    """Nearest-center classifier: logits are minus the Euclidean distances to the `centers` (C, D) of classes.

    (Zhang et al. 2018)
    """

    centers: Tensor

    def __init__(self, centers: Tensor) -> None:
        super().__init__()
        self.out_features, self.in_features = centers.shape
        self.register_buffer("centers", centers)

    def forward(self, features: Tensor) -> Tensor:
        # not by the expansion |f|^2 - 2 f m + |m|^2, which suffers from cancellation
        return -torch.cdist(features, self.centers, compute_mode="donot_use_mm_for_euclid_dist")


class NearestCluster(nn.Module):
    """Nearest-cluster classifier on L2-normalised features: minus the distances to a class's nearest center.

    (Huang et al. 2016) `centers` are (C, K, D), several of each class.
    """

    centers: Tensor

    def __init__(self, centers: Tensor) -> None:
        super().__init__()
        self.out_features, self.clusters, self.in_features = centers.shape
        self.register_buffer("centers", centers)

    def forward(self, features: Tensor) -> Tensor:
        directions, centers = normalize(features, dim=-1), self.centers.flatten(0, 1)
        distances = torch.cdist(directions, centers, compute_mode="donot_use_mm_for_euclid_dist")
        return -distances.view(-1, self.out_features, self.clusters).amin(dim=-1)


def linear(weight: Tensor, bias: Tensor | None = None) -> nn.Linear:
    """Make a linear layer with the given weights (C, D) and bias (C,), which is zero by default."""
    layer = nn.Linear(weight.shape[1], weight.shape[0])
    with torch.no_grad():
        layer.weight.copy_(weight)
        layer.bias.copy_(torch.zeros(len(weight)) if bias is None else bias)
    return layer


def describe(classifier: nn.Module) -> dict[str, Any]:
    """Return the description from which `of_kind` makes a classifier; "own" is the architecture's kind."""
    match classifier:
        case NormedLinear():
            return {"kind": "normalised", "scale": classifier.scale}
        case NearestCenter():
            return {"kind": "centers"}
        case NearestCluster():
            return {"kind": "clusters", "clusters": classifier.clusters}
        case nn.Linear() | nn.Sequential():
            return {"kind": "own"}
        case other:
            return {"kind": type(other).__name__}


def of_kind(description: Mapping[str, Any], own: Any) -> nn.Module:
    """Make a classifier of the described kind, with arbitrary weights, to replace a network's `own`."""
    match description["kind"]:
        case "normalised":
            return NormedLinear(own.weight, float(description["scale"]))
        case "centers":
            return NearestCenter(own.weight.detach().clone())
        case "clusters":
            return NearestCluster(
                torch.zeros(own.out_features, int(description["clusters"]), own.in_features)
            )
        case "own":
            return own
        case other:
            raise ValueError(
                f"imbalance/methods/parts/classifiers.py makes no classifier of the kind '{other}'"
            )


def fresh(classifier: nn.Module, rng: np.random.Generator) -> nn.Module:
    """Return a re-initialised classifier of the network's own kind, whatever kind is given."""
    if isinstance(classifier, NormedLinear | NearestCenter | NearestCluster):  # in place of a linear layer
        drawn: nn.Module = nn.Linear(classifier.in_features, classifier.out_features)
    else:
        drawn = copy.deepcopy(classifier)
    caffe_xavier(drawn, rng)
    return drawn
