"""The base class of input layers."""

from typing import Any

from numpy.typing import NDArray
from torch import nn


class InputLayer(nn.Module):
    """A layer from uint8 images (N, channels, height, width) or rows (N, D) to float32 of the same shape."""

    def fit(self, images: NDArray[Any]) -> None:
        """Fit the layer to images (N, channels, height, width) or rows; most layers have nothing to fit."""
