"""The networks as published, and Caffe's initialisation."""

import numpy as np
import pytest
import torch
from torch import nn

from imbalance import catalogue, networks
from imbalance.errors import InputError
from imbalance.initializers import caffe_xavier
from imbalance.layers import Linear
from imbalance.networks import build
from imbalance.seeding import generator


def test_lenet5_is_caffes() -> None:
    network = build("lenet5", (1, 28, 28), 10)
    assert sum(parameter.numel() for parameter in network.parameters()) == 431_080
    shapes = [tuple(parameter.shape) for parameter in network.parameters()]
    assert shapes == [(20, 1, 5, 5), (20,), (50, 20, 5, 5), (50,), (500, 800), (500,), (10, 500), (10,)]
    # no non-linearity after the convolutions, one after the 500 hidden units
    layers = [type(layer) for layer in network.features]
    assert layers[1:] == [nn.Conv2d, nn.MaxPool2d, nn.Conv2d, nn.MaxPool2d, nn.Flatten, Linear, nn.ReLU]


def test_pixels_are_scaled_by_one_256th() -> None:
    network = build("lenet5", (1, 28, 28), 10)
    pixels = torch.arange(256, dtype=torch.uint8)
    assert torch.equal(network.features[0](pixels), torch.arange(256) * 0.00390625)


@pytest.mark.parametrize("name", catalogue.names(networks))
def test_features_then_classifier(name: str) -> None:
    network = build(name, (1, 28, 28), 7).eval()
    images = torch.randint(0, 256, (3, 1, 28, 28), dtype=torch.uint8)
    features = network.features(images)
    assert features.ndim == 2
    assert torch.equal(network(images), network.classifier(features))
    assert network(images).shape == (3, 7)


def test_lenet5_refuses_images_that_are_too_small() -> None:
    assert build("lenet5", (1, 16, 16), 10)(torch.zeros(1, 1, 16, 16, dtype=torch.uint8)).shape == (1, 10)
    with pytest.raises(InputError, match="at least 16 x 16 pixels; these are 8 x 8"):
        build("lenet5", (1, 8, 8), 10)


def test_caffe_xavier_bounds_variance_and_zero_biases() -> None:
    network = build("lenet5", (1, 28, 28), 10)
    caffe_xavier(network, np.random.default_rng(0))
    bounds = {
        "features.1": 0.346410,
        "features.3": 0.0774597,
        "features.6": 0.0612372,
        "classifier": 0.0774597,
    }
    for name, parameter in network.named_parameters():
        layer, kind = name.rsplit(".", 1)
        if kind == "bias":
            assert not parameter.any()
        else:
            bound = bounds[layer]
            assert 0.98 * bound < parameter.abs().max().item() <= bound * (1 + 1e-5)
            if parameter.numel() > 1000:
                assert parameter.var().item() == pytest.approx(bound**2 / 3, rel=0.05)


def test_caffe_xavier_repeats_with_the_generator() -> None:
    drawn = []
    for replicate in (0, 0, 1):
        network = build("lenet5", (1, 28, 28), 10)
        caffe_xavier(network, generator(0, replicate, "weights"))
        drawn.append(network.classifier.weight.detach())
    assert torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[0], drawn[2])


def test_an_unknown_network_is_refused_with_the_nearest() -> None:
    with pytest.raises(InputError, match="no network 'lenet'; did you mean 'lenet5'"):
        networks.build("lenet", (1, 28, 28), 10)
