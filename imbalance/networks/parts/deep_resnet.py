"""The residual networks for ImageNet (He et al. 2015, arXiv:1512.03385, Table 1), for small images.

Four stages of units have 64, 128, 256 and 512 channels (4 times as many after bottlenecks) at full, half,
quarter and eighth resolution; then follow global average pooling and a linear classifier. Shortcuts are 1x1
convolutions where the shape changes ("option B"). Our choice for images of 16 to 64 pixels is the stem that
is usual for CIFAR: a 3x3 convolution of stride 1 and no pooling, where He et al. have 7x7 of stride 2 and
pooling. Otherwise the layers are those of torchvision: a bottleneck halves the resolution at its 3x3
convolution, not at the 1x1 before it as in He et al. torchvision's own classes cannot be used, since their
units have no stacked twins for fleets.
"""

from collections.abc import Callable, Sequence
from typing import cast

from torch import nn

from imbalance.networks.parts.layers import Residual
from imbalance.networks.parts.network import Network

WIDTHS = (64, 128, 256, 512)

Branch = Callable[[int, int, int], nn.Sequential]  # of inputs, width and stride; it ends with a normalisation


def build(
    channels: int, classes: int, units: Sequence[int], branch: Branch, shortcuts: bool = True
) -> Network:
    """Build the network with so many units in each stage, for images with `channels`."""
    inputs = WIDTHS[0]
    layers = [*_convolution(channels, inputs), nn.ReLU()]
    for width, count in zip(WIDTHS, units, strict=True):
        for number in range(count):
            stride = 2 if number == 0 and width > WIDTHS[0] else 1
            residue = branch(inputs, width, stride)
            outputs = cast(nn.BatchNorm2d, residue[-1]).num_features
            layers += [_with_shortcut(residue, inputs, outputs, stride)] if shortcuts else residue
            layers.append(nn.ReLU())
            inputs = outputs
    features = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())
    return Network(features, nn.Linear(inputs, classes), classes)


def basic(inputs: int, width: int, stride: int) -> nn.Sequential:
    """Make the branch of a unit of ResNet-18 or ResNet-34: two 3x3 convolutions."""
    return nn.Sequential(*_convolution(inputs, width, stride=stride), nn.ReLU(), *_convolution(width, width))


def bottleneck(inputs: int, width: int, stride: int) -> nn.Sequential:
    """Make the branch of a unit of ResNet-50: 1x1, 3x3 and 1x1 convolutions, the last to 4 `width`."""
    return nn.Sequential(
        *_convolution(inputs, width, kernel=1),
        nn.ReLU(),
        *_convolution(width, width, stride=stride),
        nn.ReLU(),
        *_convolution(width, 4 * width, kernel=1),
    )


def _convolution(inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> list[nn.Module]:
    return [
        nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
    ]


def _with_shortcut(branch: nn.Module, inputs: int, outputs: int, stride: int) -> nn.Module:
    same = (inputs, stride) == (outputs, 1)
    projection = nn.Sequential(*_convolution(inputs, outputs, kernel=1, stride=stride))
    return Residual(branch, nn.Identity() if same else projection)
