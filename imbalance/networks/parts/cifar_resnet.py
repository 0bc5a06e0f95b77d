"""The residual networks for CIFAR (He et al. 2015, arXiv:1512.03385, §4.2), of 6 units + 2 layers.

A 3x3 convolution is followed by three stages of units of two convolutions each, with 16, 32 and 64 channels
at full, half and quarter resolution, global average pooling, and a linear classifier. Shortcuts have no
parameters ("option A").
"""

import numpy as np
from torch import Tensor, nn

from imbalance.networks.parts.initializers import fill, kaiming_normal
from imbalance.networks.parts.layers import Residual
from imbalance.networks.parts.network import Network
from imbalance.networks.parts.stacking import alike


class Subsampling(nn.Module):
    """A shortcut that takes every other row and column, and doubles the channels with zeros on both sides.

    (N, C, H, W) -> (N, 2 C, ceil(H / 2), ceil(W / 2)).
    """

    stacked = staticmethod(alike)

    def forward(self, maps: Tensor) -> Tensor:
        half = maps.shape[1] // 2
        return nn.functional.pad(maps[:, :, ::2, ::2], (0, 0, 0, 0, half, half))


def build(channels: int, classes: int, units: int) -> Network:
    """Build the network with 64 features and so many units in each stage, for images with `channels`."""
    features = nn.Sequential(
        *_convolution(channels, 16),
        nn.ReLU(),
        *_stage(16, 16, units),
        *_stage(16, 32, units),
        *_stage(32, 64, units),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
    )
    return Network(features, nn.Linear(64, classes), classes)


def initialize(network: Network, rng: np.random.Generator) -> None:
    """Draw weights N(0, 2 / fan_in), and the classifier's bias by torch's default, U(-1/8, 1/8)."""
    kaiming_normal(network, rng)
    bound = network.classifier.in_features**-0.5
    fill(network.classifier.bias, rng.uniform(-bound, bound, network.classes))


def _stage(inputs: int, outputs: int, units: int) -> list[nn.Module]:
    others = [unit for _ in range(units - 1) for unit in _unit(outputs, outputs)]
    return [*_unit(inputs, outputs), *others]


def _unit(inputs: int, outputs: int) -> list[nn.Module]:
    stride = outputs // inputs
    branch = nn.Sequential(*_convolution(inputs, outputs, stride), nn.ReLU(), *_convolution(outputs, outputs))
    return [Residual(branch, Subsampling() if stride == 2 else nn.Identity()), nn.ReLU()]


def _convolution(inputs: int, outputs: int, stride: int = 1) -> list[nn.Module]:
    return [
        nn.Conv2d(inputs, outputs, kernel_size=3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
    ]
