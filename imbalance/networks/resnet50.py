"""ResNet-50 (He et al. 2015, arXiv:1512.03385, Table 1) for small images, as in Ding et al. 2017.

Initial weights are as in resnet18. 23 520 842 parameters for colour images and 10 classes.
"""

from imbalance.networks.parts import deep_resnet
from imbalance.networks.parts.initializers import kaiming_normal
from imbalance.networks.parts.network import Network


def build(shape: tuple[int, int, int], classes: int) -> Network:
    """Build 16 units of three convolutions, for images of `shape` (channels, height, width) of any size."""
    return deep_resnet.build(shape[0], classes, (3, 4, 6, 3), deep_resnet.bottleneck)


initialize = kaiming_normal
