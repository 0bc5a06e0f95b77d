"""The distributions of initial weights."""

import numpy as np
import pytest
import torch
from torch import nn

from imbalance.networks.parts.initializers import caffe_xavier, fan_in, kaiming_normal


def test_fan_in_counts_the_inputs_of_an_output() -> None:
    assert fan_in((20, 3, 5, 5)) == 75
    assert fan_in((10, 500)) == 500


@pytest.mark.parametrize(
    ("layer", "bound"),
    [
        (nn.Conv2d(1, 20, 5), 0.346410),
        (nn.Conv2d(20, 50, 5), 0.0774597),
        (nn.Linear(800, 500), 0.0612372),
        (nn.Linear(500, 10), 0.0774597),
    ],
)
def test_caffe_xavier_is_uniform_by_the_fan_in(layer: nn.Conv2d | nn.Linear, bound: float) -> None:
    caffe_xavier(layer, np.random.default_rng(0))
    assert layer.bias is not None
    assert not layer.bias.any()
    assert 0.98 * bound < layer.weight.abs().max().item() <= bound * (1 + 1e-5)
    if layer.weight.numel() > 1000:
        assert layer.weight.var().item() == pytest.approx(bound**2 / 3, rel=0.05)


def test_kaiming_normal_is_normal_by_the_fan_in() -> None:
    layer = nn.Conv2d(32, 64, 3)
    kaiming_normal(layer, np.random.default_rng(0))
    assert layer.weight.std().item() == pytest.approx((2 / 288) ** 0.5, rel=0.02)
    assert (layer.weight**4).mean().item() == pytest.approx(3 * (2 / 288) ** 2, rel=0.05)
    assert layer.bias is not None
    assert not layer.bias.any()


@pytest.mark.parametrize("initialize", [caffe_xavier, kaiming_normal])
def test_a_batch_normalisation_takes_nothing_from_the_generator(initialize: type(caffe_xavier)) -> None:  # type: ignore[valid-type]
    plain = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Conv2d(2, 2, 3))
    normalised = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Conv2d(2, 2, 3))
    nn.init.normal_(normalised[1].weight)
    nn.init.normal_(normalised[1].bias)
    for network in (plain, normalised):
        initialize(network, np.random.default_rng(0))
    assert normalised[1].weight.tolist() == [1, 1]
    assert normalised[1].bias.tolist() == [0, 0]
    assert torch.equal(plain[1].weight, normalised[2].weight)


def test_the_layout_in_memory_changes_no_weight() -> None:
    usual, channels_last = nn.Conv2d(3, 4, 3), nn.Conv2d(3, 4, 3).to(memory_format=torch.channels_last)
    for layer in (usual, channels_last):
        caffe_xavier(layer, np.random.default_rng(0))
    assert torch.equal(usual.weight, channels_last.weight)
