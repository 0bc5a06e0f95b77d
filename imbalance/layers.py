"""Layers that torch does not have, or not like this."""

import torch
from torch import Tensor, nn


class Linear(nn.Linear):
    """A linear layer by oneDNN: MKL's, pinned to the same bytes on every processor, takes twice as long."""

    def forward(self, features: Tensor) -> Tensor:
        if features.device.type != "cpu" or not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
            return super().forward(features)
        return nn.functional.linear(features.to_mkldnn(), self.weight, self.bias).to_dense()


class CaffeBatchNorm(nn.BatchNorm2d):
    """Caffe's BatchNorm and Scale layers (Jia et al. 2014): running statistics of the batches so far alone.

    Batch k of t counts in proportion to 0.999^(t - k). torch's own running statistics would start from mean 0
    and variance 1, and forget them slowly. Like torch, Caffe keeps the unbiased variance, n / (n - 1) times
    that which it normalises a batch of n positions by.
    """

    num_batches_tracked: Tensor

    decay = 0.999

    def forward(self, images: Tensor) -> Tensor:
        if self.training:
            batches = int(self.num_batches_tracked) + 1
            self.momentum = (1 - self.decay) / (1 - self.decay**batches)  # the share of this batch
        return super().forward(images)


class Residual(nn.Module):
    """The sum of a branch and a shortcut, maps (N, C, H, W) each (He et al. 2015, arXiv:1512.03385)."""

    def __init__(self, branch: nn.Module, shortcut: nn.Module) -> None:
        super().__init__()
        self.branch = branch
        self.shortcut = shortcut

    def forward(self, maps: Tensor) -> Tensor:
        return self.branch(maps) + self.shortcut(maps)
