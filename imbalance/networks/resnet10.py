"""ResNet-10 (Simon, Rodner & Denzler 2016, cvjena/cnn-models; Buda et al. 2018, §3.2.3), pre-activation.

The units follow He et al. 2016 (arXiv:1603.05027), with these peculiarities of the published Caffe model:
the images themselves are batch-normalised; the first pooling has no padding and rounds up, 112 -> 56; the
first unit has no activation before it, while the projections of the others take the activated maps; and the
classifier starts at zero. 5 417 070 parameters for colour images and 1000 classes; 10 layers, without the
projections.
"""

import numpy as np
from torch import nn

from imbalance.networks.parts.initializers import fill, kaiming_normal
from imbalance.networks.parts.layers import CaffeBatchNorm, Residual
from imbalance.networks.parts.network import Network, refuse_smaller


def build(shape: tuple[int, int, int], classes: int) -> Network:
    """Build ResNet-10 for images of `shape` (channels, height, width).

    It was published for 224 x 224 pixels, and takes 16 x 16 or more.
    """
    refuse_smaller(16, shape, "resnet10")
    features = nn.Sequential(
        CaffeBatchNorm(shape[0]),
        nn.Conv2d(shape[0], 64, kernel_size=7, stride=2, padding=3),
        *_activation(64),
        nn.MaxPool2d(kernel_size=3, stride=2, ceil_mode=True),
        Residual(_branch(64, 64, stride=1), nn.Identity()),
        *_unit(64, 128),
        *_unit(128, 256),
        *_unit(256, 512),
        *_activation(512),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
    )
    return Network(features, nn.Linear(512, classes), classes)


def initialize(network: Network, rng: np.random.Generator) -> None:
    """Draw Caffe's "msra" weights, the first convolution by fan-out, N(0, 2 / 3136); zero the classifier."""
    kaiming_normal(network.features, rng)
    first = next(layer for layer in network.features if isinstance(layer, nn.Conv2d))
    fan_out = first.weight[:, 0].numel()
    fill(first.weight, rng.normal(0, np.sqrt(2 / fan_out), tuple(first.weight.shape)))
    nn.init.zeros_(network.classifier.weight)
    nn.init.zeros_(network.classifier.bias)


def _activation(channels: int) -> list[nn.Module]:
    return [CaffeBatchNorm(channels), nn.ReLU()]


def _unit(inputs: int, outputs: int) -> list[nn.Module]:
    """Make a unit that halves the resolution; both branch and projection take the activated maps."""
    projection = nn.Conv2d(inputs, outputs, kernel_size=1, stride=2, bias=False)
    return [*_activation(inputs), Residual(_branch(inputs, outputs, stride=2), projection)]


def _branch(inputs: int, outputs: int, stride: int) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel_size=3, stride=stride, padding=1, bias=False),
        *_activation(outputs),
        nn.Conv2d(outputs, outputs, kernel_size=3, padding=1, bias=False),
    )
