"""Layers against torch's, and against numbers by hand."""

import torch

from imbalance.layers import Linear


def test_the_linear_layer_is_torchs() -> None:
    layer, inputs = Linear(80, 30), torch.randn(16, 80, requires_grad=True)
    theirs = torch.nn.functional.linear(inputs, layer.weight, layer.bias)
    torch.testing.assert_close(layer(inputs), theirs)
    parameters = (inputs, layer.weight, layer.bias)
    weights = torch.randn(16, 30)
    ours_gradients = torch.autograd.grad((layer(inputs) * weights).sum(), parameters)
    torch.testing.assert_close(ours_gradients, torch.autograd.grad((theirs * weights).sum(), parameters))
