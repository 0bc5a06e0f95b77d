"""ResNet-56 for CIFAR (He et al. 2015, arXiv:1512.03385, §4.2), the network of Konno & Iwazume 2018.

853 018 parameters for colour images and 10 classes. This is He et al.'s, whom Konno & Iwazume cite. They
trained with Keras; should theirs be the example that came with it (cifar10_resnet.py), then it differs: where
the resolution changes, shortcuts are 1x1 convolutions; all convolutions have biases; and the batch
normalisations' epsilon is 0.001, their momentum 0.99. Initial weights as in resnet32.
"""

from imbalance.networks.parts import cifar_resnet
from imbalance.networks.parts.network import Network


def build(shape: tuple[int, int, int], classes: int) -> Network:
    """9 units at each of 3 resolutions, for images of `shape` (channels, height, width) of any size."""
    return cifar_resnet.build(shape[0], classes, units=9)


initialize = cifar_resnet.initialize
