"""All-CNN-C in Caffe (mateuszbuda/ALL-CNN; Springenberg et al. 2015, Table 1; Buda et al. 2018, Table 3).

The network has convolutions only: two of stride 2 replace pooling, two of 1x1 replace fully connected
layers, and the logit of a class is the mean of its map. Each convolution is followed by ReLU, including the
last, so that no logit is negative. Dropout is 20 % of the input and 50 % after each change of resolution.
1 369 738 parameters for colour images and 10 classes, 38 986 of them in the two 1x1 convolutions, which are
the classifier that two-phase training fine-tunes.
"""

from torch import nn

from imbalance.networks.parts.initializers import caffe_xavier
from imbalance.networks.parts.network import Network, refuse_smaller


def build(shape: tuple[int, int, int], classes: int) -> Network:
    """Build All-CNN-C for images of `shape` (channels, height, width), each side 9 pixels or more."""
    refuse_smaller(9, shape, "all_cnn")
    features = nn.Sequential(
        nn.Dropout(0.2),
        *_convolution(shape[0], 96, padding=1),
        *_convolution(96, 96, padding=1),
        *_convolution(96, 96, stride=2, padding=1),
        nn.Dropout(0.5),
        *_convolution(96, 192, padding=1),
        *_convolution(192, 192, padding=1),
        *_convolution(192, 192, stride=2, padding=1),
        nn.Dropout(0.5),
        *_convolution(192, 192),
    )
    classifier = nn.Sequential(
        *_convolution(192, 192, kernel=1),
        *_convolution(192, classes, kernel=1),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
    )
    return Network(features, classifier, classes)


initialize = caffe_xavier


def _convolution(
    inputs: int, outputs: int, kernel: int = 3, stride: int = 1, padding: int = 0
) -> list[nn.Module]:
    return [nn.Conv2d(inputs, outputs, kernel, stride, padding), nn.ReLU()]
