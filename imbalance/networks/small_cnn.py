"""A small network for the user's own images: a few thousand, grey or colour, 32 to 64 pixels wide.

Three blocks of 3x3 convolution, batch normalisation, ReLU and 2x2 max pooling, with 32, 64 and 128 channels;
then global average pooling, so that images may have any size from 8 x 8 on, and a linear classifier.
94 762 parameters for colour images and 10 classes. The network is from no paper.
"""

from torch import nn

from imbalance.networks.parts.initializers import kaiming_normal
from imbalance.networks.parts.network import Network, refuse_smaller


def build(shape: tuple[int, int, int], classes: int) -> Network:
    """Build the network for images of `shape` (channels, height, width), each side 8 pixels or more."""
    refuse_smaller(8, shape, "small_cnn")
    features = nn.Sequential(
        *_block(shape[0], 32),
        *_block(32, 64),
        *_block(64, 128),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
    )
    return Network(features, nn.Linear(128, classes), classes)


initialize = kaiming_normal


def _block(inputs: int, outputs: int) -> list[nn.Module]:
    return [
        nn.Conv2d(inputs, outputs, kernel_size=3, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
        nn.MaxPool2d(2),
    ]
