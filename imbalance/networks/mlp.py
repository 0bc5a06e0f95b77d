"""A multi-layer perceptron for tables: two hidden layers of 64 units with ReLU, and a linear classifier.

It is the kind of network that Wang et al. 2016 trained by MFE. Sizes and initial weights, N(0, 2 / fan_in)
with biases of zero, are our choice. Images are taken, too, as rows of their pixels. 5 443 parameters for 16
features and 3 classes.
"""

from math import prod

from torch import nn

from imbalance.networks.parts.initializers import kaiming_normal
from imbalance.networks.parts.network import Network

TAKES_ROWS = True
HIDDEN = 64


def build(shape: tuple[int, ...], classes: int) -> Network:
    """Build the network for rows (D,) of features, or for images of `shape` (channels, height, width)."""
    features = nn.Sequential(
        nn.Flatten(),
        nn.Linear(prod(shape), HIDDEN),
        nn.ReLU(),
        nn.Linear(HIDDEN, HIDDEN),
        nn.ReLU(),
    )
    return Network(features, nn.Linear(HIDDEN, classes), classes)


initialize = kaiming_normal
