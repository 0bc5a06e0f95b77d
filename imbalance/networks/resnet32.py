"""ResNet-32 for CIFAR (He et al. 2015, arXiv:1512.03385, §4.2), the network of most long-tailed studies.

Initial weights and the zero padding of the shortcuts are those of Cao et al. 2019 (kaidic/LDAM-DRW).
464 154 parameters for colour images and 10 classes.
"""

from imbalance.networks.parts import cifar_resnet
from imbalance.networks.parts.network import Network


def build(shape: tuple[int, int, int], classes: int) -> Network:
    """Build 5 units at each of 3 resolutions, for images of `shape` (channels, height, width) of any size."""
    return cifar_resnet.build(shape[0], classes, units=5)


initialize = cifar_resnet.initialize
