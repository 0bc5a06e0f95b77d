"""Layers that torch does not have, or not like this."""

import torch
from torch import Tensor, nn


class Linear(nn.Linear):
    """A linear layer by oneDNN: MKL's, pinned to the same bytes on every processor, takes twice as long."""

    def forward(self, features: Tensor) -> Tensor:
        if features.device.type != "cpu" or not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
            return super().forward(features)
        return nn.functional.linear(features.to_mkldnn(), self.weight, self.bias).to_dense()
