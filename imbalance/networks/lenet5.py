"""LeNet-5 in Caffe's modern version (BVLC/caffe, examples/mnist; Buda et al. 2018, Table 2).

Two 5x5 convolutions, each followed by 2x2 max pooling and *no* non-linearity, then 500 hidden units
with ReLU. Pooling rounds odd sides up, as in Caffe. Caffe multiplies the pixels by 1/256 (not 1/255) and
subtracts no mean, as do the `inputs` of its recipe. 431 080 parameters for 28x28 grey images and 10 classes.
"""

from math import ceil

from torch import nn

from imbalance.networks.parts.initializers import caffe_xavier
from imbalance.networks.parts.layers import Linear
from imbalance.networks.parts.network import Network, refuse_smaller


def build(shape: tuple[int, int, int], classes: int) -> Network:
    """Build LeNet-5 for images of `shape` (channels, height, width), each side 16 pixels or more."""
    refuse_smaller(16, shape, "lenet5")
    channels, height, width = shape
    pooled = [ceil((ceil((side - 4) / 2) - 4) / 2) for side in (height, width)]
    features = nn.Sequential(
        nn.Conv2d(channels, 20, kernel_size=5),
        nn.MaxPool2d(2, ceil_mode=True),
        nn.Conv2d(20, 50, kernel_size=5),
        nn.MaxPool2d(2, ceil_mode=True),
        nn.Flatten(),
        Linear(50 * pooled[0] * pooled[1], 500),
        nn.ReLU(),
    )
    return Network(features, nn.Linear(500, classes), classes)


initialize = caffe_xavier
