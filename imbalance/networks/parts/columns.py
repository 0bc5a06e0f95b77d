"""The input layer of tables, which standardises every feature, and its stacked twin."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from imbalance.networks.parts.input_layer import InputLayer
from imbalance.networks.parts.stacking import by_member

SMALLEST = 1e-30  # standard deviation of a feature, below which it is taken for a constant


class ColumnStandard(InputLayer):
    """The layer of `Columns`: fitted means and factors, 1 / std or 0, both (D,), stored as buffers."""

    mean: Tensor
    factor: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("factor", torch.ones(width))

    def fit(self, images: NDArray[Any]) -> None:
        """Fit means and factors to rows (N, D), in float64."""
        rows = images.astype(np.float64)
        spread = rows.std(axis=0)
        # of equal values, the mean may be rounded, and the standard deviation not quite 0
        varies = (rows.min(axis=0) < rows.max(axis=0)) & (spread > SMALLEST)
        self.mean.copy_(torch.from_numpy(rows.mean(axis=0)))
        self.factor.copy_(torch.from_numpy(np.where(varies, 1 / np.where(varies, spread, 1), 0)))

    def forward(self, rows: Tensor) -> Tensor:
        return (rows - self.mean) * self.factor

    @staticmethod
    def stacked(layers: Sequence["ColumnStandard"]) -> nn.Module:
        """See `StackedColumnStandard`."""
        return StackedColumnStandard(layers)


class StackedColumnStandard(nn.Module):
    """The stacked twin of `ColumnStandard`: each member has its own means and factors (K, D)."""

    mean: Tensor
    factor: Tensor

    def __init__(self, layers: Sequence[ColumnStandard]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.stack([layer.mean for layer in layers]))
        self.register_buffer("factor", torch.stack([layer.factor for layer in layers]))

    def forward(self, rows: Tensor) -> Tensor:
        members = by_member(rows, len(self.mean))
        return ((members - self.mean[:, None]) * self.factor[:, None]).flatten(0, 1)
