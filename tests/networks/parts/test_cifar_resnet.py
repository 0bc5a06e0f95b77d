"""The residual networks for CIFAR: shortcuts by hand, units, initial weights."""

import numpy as np
import pytest
import torch
from torch import nn

from imbalance.networks.parts import cifar_resnet
from imbalance.networks.parts.cifar_resnet import Subsampling
from imbalance.networks.parts.layers import Residual


def test_option_a_takes_every_other_pixel_and_adds_channels_of_zeros() -> None:
    maps = torch.arange(2 * 3 * 4.0).reshape(1, 2, 3, 4)
    shortcut = Subsampling()(maps)
    assert shortcut.shape == (1, 4, 2, 2)
    assert shortcut[0, 1].tolist() == [[0, 2], [8, 10]]
    assert shortcut[0, 2].tolist() == [[12, 14], [20, 22]]
    assert not shortcut[0, [0, 3]].any()


def test_shortcuts_have_no_parameters_and_a_relu_follows_each_sum() -> None:
    network = cifar_resnet.build(3, 10, units=2)
    layers = list(network.features)
    sums = [position for position, layer in enumerate(layers) if isinstance(layer, Residual)]
    assert [type(layers[position].shortcut) for position in sums] == [
        *(nn.Identity, nn.Identity),
        *(Subsampling, nn.Identity),
        *(Subsampling, nn.Identity),
    ]
    assert all(isinstance(layers[position + 1], nn.ReLU) for position in sums)
    branch = [nn.Conv2d, nn.BatchNorm2d, nn.ReLU, nn.Conv2d, nn.BatchNorm2d]
    assert all([type(layer) for layer in layers[position].branch] == branch for position in sums)


def test_a_unit_whose_branch_is_nothing_passes_its_input_on() -> None:
    network = cifar_resnet.build(1, 10, units=1).eval()
    maps = torch.rand(1, 16, 8, 8)
    for layer in network.features[3:9]:
        if isinstance(layer, Residual):
            nn.init.zeros_(layer.branch[-1].weight)
    passed = network.features[3:9](maps)
    assert passed.shape == (1, 64, 2, 2)
    assert torch.equal(passed[:, 24:40], maps[:, :, ::4, ::4])
    assert passed.sum() == passed[:, 24:40].sum()


def test_initial_weights_are_kaimings_and_the_classifiers_bias_torchs() -> None:
    network = cifar_resnet.build(3, 1000, units=1)
    cifar_resnet.initialize(network, np.random.default_rng(0))
    deepest = [layer for layer in network.features.modules() if isinstance(layer, nn.Conv2d)][-1]
    assert deepest.weight.std().item() == pytest.approx((2 / 576) ** 0.5, rel=0.02)
    assert network.classifier.weight.std().item() == pytest.approx((2 / 64) ** 0.5, rel=0.02)
    assert 0.12 < network.classifier.bias.abs().max().item() <= 0.125
    assert network.classifier.bias.var().item() == pytest.approx(0.125**2 / 3, rel=0.1)
