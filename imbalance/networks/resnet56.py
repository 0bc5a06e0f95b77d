"""ResNet-56 for CIFAR (He et al. 2015, arXiv:1512.03385, §4.2), the network of Konno & Iwazume 2018.

853 018 parameters for colour images and 10 classes. This is the network of He et al., whom Konno & Iwazume
cite. Konno & Iwazume trained with Keras. If they used Keras's example (cifar10_resnet.py), their network
differs: shortcuts are 1x1 convolutions where the resolution changes, all convolutions have biases, and batch
normalisation has epsilon 0.001 and momentum 0.99. The initial weights are as in resnet32.
"""

from imbalance.networks.parts import cifar_resnet
from imbalance.networks.parts.network import Network


def build(shape: tuple[int, int, int], classes: int) -> Network:
    """Build 9 units at each of 3 resolutions, for images of `shape` (channels, height, width) of any size."""
    return cifar_resnet.build(shape[0], classes, units=9)


initialize = cifar_resnet.initialize
