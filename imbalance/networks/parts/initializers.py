"""Initial weights, drawn from a NumPy generator, so that they are the same on every machine and device.

They are drawn layer by layer, in the order of the network. Biases are zero, and the scales of batch
normalisation are 1.
"""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

Shape = tuple[int, ...]


def caffe_xavier(network: nn.Module, rng: np.random.Generator) -> None:
    """Draw weights by Caffe's "xavier" filler: U(-a, a), a = sqrt(3 / fan_in).

    torch's `xavier_uniform_` differs: its a is sqrt(6 / (fan_in + fan_out)).
    """

    def draw(shape: Shape) -> NDArray[np.float64]:
        bound = np.sqrt(3 / fan_in(shape))
        return rng.uniform(-bound, bound, shape)

    _draw_weights(network, draw)


def kaiming_normal(network: nn.Module, rng: np.random.Generator) -> None:
    """Draw weights N(0, 2 / fan_in), for layers before a ReLU (He et al. 2015, arXiv:1502.01852, eq. 10).

    This is Caffe's "msra" filler.
    """
    _draw_weights(network, lambda shape: rng.normal(0, np.sqrt(2 / fan_in(shape)), shape))


def fill(parameter: Tensor, values: NDArray[np.float64]) -> None:
    """Set a parameter to `values`, rounded to its precision."""
    with torch.no_grad():
        parameter.copy_(torch.from_numpy(values))


def fan_in(shape: Shape) -> int:
    """Return the number of inputs of each output, for weights of `shape` (outputs, inputs, ...)."""
    return int(np.prod(shape[1:]))


def _draw_weights(network: nn.Module, draw: Callable[[Shape], NDArray[np.float64]]) -> None:
    for name, parameter in network.named_parameters():
        if name.endswith("bias"):
            nn.init.zeros_(parameter)
        elif parameter.ndim == 1:  # the scale of a batch normalisation
            nn.init.ones_(parameter)
        else:
            fill(parameter, draw(tuple(parameter.shape)))
