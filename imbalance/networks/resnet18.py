"""ResNet-18 (He et al. 2015, arXiv:1512.03385, Table 1) for small images, as in Ding et al. 2017.

Ding et al. found very deep residual networks to converge faster on imbalanced data. Initial weights are
N(0, 2 / fan_in), biases are zero. 11 173 962 parameters for colour images and 10 classes.
"""

from imbalance.networks.parts import deep_resnet
from imbalance.networks.parts.initializers import kaiming_normal
from imbalance.networks.parts.network import Network


def build(shape: tuple[int, int, int], classes: int) -> Network:
    """Build 8 units of two convolutions, for images of `shape` (channels, height, width) of any size."""
    return deep_resnet.build(shape[0], classes, (2, 2, 2, 2), deep_resnet.basic)


initialize = kaiming_normal
