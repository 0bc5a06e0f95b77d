"""Learnable weight scaling, LWS (Kang et al. 2020): one scale per class is learnt, and nothing else.

    z_c = s_c (w_c f + b_c)        s_c = 1 at first

Features f, weights w and biases b are those of the network named by `start`, and stay frozen; only the C
scales are trained, with class-balanced sampling. The bias is scaled too, as in the authors' code. Our choice:
the recipe's solver and its weight decay act on the scales as on any weight. After the training, the scales
are multiplied into weights and biases, so that the network ends with an ordinary linear classifier.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from imbalance.data.examples import Examples
from imbalance.methods.baseline import Head
from imbalance.methods.crt import Crt
from imbalance.methods.parts.classifiers import linear
from imbalance.networks.parts.stacking import affine, by_member


class Lws(Crt):
    """`sampler` is class-balanced by default."""

    needs_linear_classifier: ClassVar[bool] = True
    goes_on_from: ClassVar[tuple[Head, ...]] = ("own",)

    def head(self, classifier: Any, rng: np.random.Generator) -> nn.Module:
        """Return the start's classifier with scales to learn."""
        return ScaledLinear(classifier.weight, classifier.bias)

    def finish(
        self, classifier: "ScaledLinear", training: Examples, validation: Examples, rng: np.random.Generator
    ) -> nn.Module:
        """Return the linear classifier with the scaled weights and biases."""
        scale = classifier.scale.detach()
        return linear(scale[:, None] * classifier.weight, scale * classifier.bias)


class ScaledLinear(nn.Module):
    """A linear layer with scaled outputs: weight (C, D) and bias (C,) are fixed, `scale` (C,) is trained."""

    weight: Tensor
    bias: Tensor

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        super().__init__()
        self.register_buffer("weight", weight.detach().clone())
        self.register_buffer("bias", bias.detach().clone())
        self.scale = nn.Parameter(torch.ones_like(self.bias))

    def forward(self, features: Tensor) -> Tensor:
        return self.scale * nn.functional.linear(features, self.weight, self.bias)

    @staticmethod
    def stacked(layers: Sequence["ScaledLinear"]) -> nn.Module:
        """See `StackedScaledLinear`."""
        return StackedScaledLinear(layers)


class StackedScaledLinear(nn.Module):
    """The stacked twin of `ScaledLinear`: weight (K, C, D), bias and scale (K, C)."""

    weight: Tensor
    bias: Tensor

    def __init__(self, layers: Sequence[ScaledLinear]) -> None:
        super().__init__()
        self.register_buffer("weight", torch.stack([layer.weight for layer in layers]))
        self.register_buffer("bias", torch.stack([layer.bias for layer in layers]))
        self.scale = nn.Parameter(torch.stack([layer.scale.detach() for layer in layers]))

    def forward(self, features: Tensor) -> Tensor:
        outputs = affine(by_member(features, len(self.weight)), self.weight, self.bias)
        return (self.scale[:, None] * outputs).flatten(0, 1)
