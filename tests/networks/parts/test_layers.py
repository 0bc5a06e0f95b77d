"""Layers against torch's, and against numbers by hand."""

import pytest
import torch
from torch import nn

from imbalance.networks.parts.layers import CaffeBatchNorm, Linear, Residual

BATCH = torch.tensor([1.0, 2, 3, 6]).reshape(2, 1, 1, 2)  # mean 3, variance 3.5, unbiased 14/3


def test_the_linear_layer_is_torchs() -> None:
    layer, inputs = Linear(80, 30), torch.randn(16, 80, requires_grad=True)
    theirs = torch.nn.functional.linear(inputs, layer.weight, layer.bias)
    torch.testing.assert_close(layer(inputs), theirs)
    parameters = (inputs, layer.weight, layer.bias)
    weights = torch.randn(16, 30)
    ours_gradients = torch.autograd.grad((layer(inputs) * weights).sum(), parameters)
    torch.testing.assert_close(ours_gradients, torch.autograd.grad((theirs * weights).sum(), parameters))


def test_after_one_batch_the_statistics_are_that_batchs() -> None:
    layer = CaffeBatchNorm(1)
    torch.testing.assert_close(layer(BATCH), (BATCH - 3) / 3.50001**0.5)
    assert layer.running_mean.item() == 3
    assert layer.running_var.item() == pytest.approx(14 / 3, rel=1e-7)
    layer.eval()
    torch.testing.assert_close(layer(BATCH), (BATCH - 3) / (14 / 3 + 1e-5) ** 0.5)


def test_batches_count_less_by_a_thousandth_with_every_later_one() -> None:
    layer = CaffeBatchNorm(1)
    for factor in (1, 2, 5):
        layer(factor * BATCH)
    shares = 0.999**2, 0.999, 1
    mean = sum(share * 3 * factor for share, factor in zip(shares, (1, 2, 5), strict=True)) / sum(shares)
    variance = sum(share * 14 / 3 * factor**2 for share, factor in zip(shares, (1, 2, 5), strict=True))
    assert layer.running_mean.item() == pytest.approx(mean, rel=1e-6)
    assert layer.running_var.item() == pytest.approx(variance / sum(shares), rel=1e-6)


def test_evaluation_leaves_the_statistics_and_saving_keeps_them() -> None:
    layer, other = CaffeBatchNorm(1), CaffeBatchNorm(1)
    layer(BATCH)
    state = {name: tensor.clone() for name, tensor in layer.state_dict().items()}
    layer.eval()(5 * BATCH)
    assert all(torch.equal(tensor, state[name]) for name, tensor in layer.state_dict().items())
    other.load_state_dict(state)
    for each in (layer.train(), other.train()):
        each(7 * BATCH)
    assert torch.equal(layer.running_var, other.running_var)


def test_scale_and_shift_follow_the_normalisation() -> None:
    layer = CaffeBatchNorm(1)
    nn.init.constant_(layer.weight, 2)
    nn.init.constant_(layer.bias, 5)
    torch.testing.assert_close(layer(BATCH), 2 * (BATCH - 3) / 3.50001**0.5 + 5)


def test_a_residual_is_a_sum() -> None:
    assert Residual(nn.Flatten(), nn.Identity())(torch.ones(2, 3)).tolist() == [[2] * 3] * 2
