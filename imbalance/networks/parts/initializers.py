"""Initial weights, drawn from a generator of NumPy's: the same ones on every machine and device.

Layer by layer in the order of the network; biases are zero, batch normalisations start at scale 1.
"""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

Shape = tuple[int, ...]


def caffe_xavier(network: nn.Module, rng: np.random.Generator) -> None:
    """Caffe's "xavier" filler: weights U(-a, a), a = sqrt(3 / fan_in).

    torch's `xavier_uniform_` is another distribution: its a = sqrt(6 / (fan_in + fan_out)).
    """

    def draw(shape: Shape) -> NDArray[np.float64]:
        bound = np.sqrt(3 / fan_in(shape))
        return rng.uniform(-bound, bound, shape)

    _draw_weights(network, draw)


def kaiming_normal(network: nn.Module, rng: np.random.Generator) -> None:
    """Weights N(0, 2 / fan_in), for layers that ReLUs follow (He et al. 2015, arXiv:1502.01852, eq. 10).

    Caffe's "msra" filler.
    """
    _draw_weights(network, lambda shape: rng.normal(0, np.sqrt(2 / fan_in(shape)), shape))


def fill(parameter: Tensor, values: NDArray[np.float64]) -> None:
    """Give a parameter its values, rounded to its precision."""
    with torch.no_grad():
        parameter.copy_(torch.from_numpy(values))


def fan_in(shape: Shape) -> int:
    """How many inputs each output of a layer has; its weights have the shape (outputs, inputs, ...)."""
    return int(np.prod(shape[1:]))


def _draw_weights(network: nn.Module, draw: Callable[[Shape], NDArray[np.float64]]) -> None:
    for name, parameter in network.named_parameters():
        if name.endswith("bias"):
            nn.init.zeros_(parameter)
        elif parameter.ndim == 1:  # the scale of a batch normalisation
            nn.init.ones_(parameter)
        else:
            fill(parameter, draw(tuple(parameter.shape)))
