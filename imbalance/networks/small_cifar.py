"""A small network for the 32x32 colour images of CIFAR-10, to be trained on a processor in a minute or two.

Four 3x3 convolutions with 24, 32, 64 and 128 channels, each with batch normalisation and ReLU. The first has
stride 2, and 2x2 max pooling follows the second and the third, before their normalisation, so that the maps
have 16 x 16, 16 x 16, 8 x 8 and 4 x 4 pixels and most of the work is done on few of them: 4.3 million
multiplications an image, against the 10.3 million of `small_cnn`. Then global average pooling and a linear
classifier. 101 506 parameters for colour images and 10 classes. The network is from no paper.
"""

from torch import nn

from imbalance.networks.parts.initializers import kaiming_normal
from imbalance.networks.parts.network import Network, refuse_smaller


def build(shape: tuple[int, int, int], classes: int) -> Network:
    """Build the network for images of `shape` (channels, height, width), each side 7 pixels or more."""
    refuse_smaller(7, shape, "small_cifar")
    features = nn.Sequential(
        *_block(nn.Conv2d(shape[0], 24, kernel_size=3, stride=2, padding=1, bias=False)),
        *_block(nn.Conv2d(24, 32, kernel_size=3, padding=1, bias=False), nn.MaxPool2d(2)),
        *_block(nn.Conv2d(32, 64, kernel_size=3, padding=1, bias=False), nn.MaxPool2d(2)),
        *_block(nn.Conv2d(64, 128, kernel_size=3, padding=1, bias=False)),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
    )
    return Network(features, nn.Linear(128, classes), classes)


initialize = kaiming_normal


def _block(convolution: nn.Conv2d, *pooling: nn.Module) -> list[nn.Module]:
    return [convolution, *pooling, nn.BatchNorm2d(convolution.out_channels), nn.ReLU()]
