import numpy as np
import pytest
import torch
from torch import nn

from imbalance.data.examples import Examples
from imbalance.methods.lws import Lws, ScaledLinear
from imbalance.networks.parts.stacking import stack
from tests.methods.contract import Promise, training_of

PROMISES = [
    Promise(dict(start="baseline"), (100 / 3,) * 3, on_average=True, epochs=6),
]

WEIGHT = torch.tensor([[1.0, 2], [3, 4]])
BIAS = torch.tensor([10.0, -1])
FEATURES = torch.tensor([[1.0, 1], [0, 2]])
NOBODY = Examples(torch.zeros(0, 2), torch.zeros(0, dtype=torch.int64))


def scaled(*scales: float) -> ScaledLinear:
    layer = ScaledLinear(WEIGHT, BIAS)
    with torch.no_grad():
        layer.scale.copy_(torch.tensor(scales))
    return layer


def test_only_the_scales_learn_and_they_begin_with_one() -> None:
    own = nn.Linear(2, 3)
    head = Lws(start="baseline").head(own, np.random.default_rng(0))
    assert [name for name, _ in head.named_parameters()] == ["scale"]
    torch.testing.assert_close(head(FEATURES), own(FEATURES))


def test_weights_and_bias_are_scaled_by_class() -> None:
    """W f + b = (13, 6), (14, 7)."""
    assert scaled(2, 0.5)(FEATURES).tolist() == [[26, 3], [28, 3.5]]


def test_it_ends_with_a_linear_classifier() -> None:
    finished = Lws(start="baseline").finish(scaled(2, 0.5), NOBODY, NOBODY, np.random.default_rng(0))
    assert isinstance(finished, nn.Linear)
    assert finished.weight.tolist() == [[2, 4], [1.5, 2]]
    assert finished.bias.tolist() == [20, -0.5]
    torch.testing.assert_close(finished(FEATURES), scaled(2, 0.5)(FEATURES))


def test_in_a_stack_each_has_its_own_scales() -> None:
    layers = [scaled(2, 0.5), scaled(1, -3)]
    together = stack(layers)(torch.cat([FEATURES, 2 * FEATURES]))
    expected = torch.cat([layers[0](FEATURES), layers[1](2 * FEATURES)])
    torch.testing.assert_close(together, expected)


def test_classes_are_drawn_alike() -> None:
    labels = np.repeat([0, 1, 2], [600, 300, 100])
    epoch = next(Lws(start="baseline").epochs(labels, np.random.default_rng(0), training_of()))
    assert (np.bincount(labels[epoch]) / 1000).tolist() == pytest.approx([1 / 3] * 3, abs=0.05)
