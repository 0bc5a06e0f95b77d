"""Layers that torch does not have, or not like this."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import batch_norm

from imbalance.networks.parts.stacking import StackedBatchNorm, StackedLinear, stack


class Linear(nn.Linear):
    """A linear layer by oneDNN: MKL's, pinned to the same bytes on every processor, takes twice as long."""

    def forward(self, features: Tensor) -> Tensor:
        onednn = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
        plain = features.dtype == torch.float32 and not torch.is_autocast_enabled("cpu")
        if features.device.type != "cpu" or not (onednn and plain):
            return super().forward(features)
        return nn.functional.linear(features.to_mkldnn(), self.weight, self.bias).to_dense()

    @staticmethod
    def stacked(layers: Sequence["Linear"]) -> nn.Module:
        """Their twin is torch's."""
        return StackedLinear(layers)


class CaffeBatchNorm(nn.BatchNorm2d):
    """Caffe's BatchNorm and Scale layers (Jia et al. 2014): running statistics of the batches so far alone.

    Batch k of t counts in proportion to 0.999^(t - k). torch's own running statistics would start from mean 0
    and variance 1, and forget them slowly. Like torch, Caffe keeps the unbiased variance, n / (n - 1) times
    that which it normalises a batch of n positions by.
    """

    num_batches_tracked: Tensor
    running_mean: Tensor
    running_var: Tensor

    decay = 0.999

    def forward(self, images: Tensor) -> Tensor:
        if not self.training:
            return super().forward(images)
        self.num_batches_tracked += 1
        mean, variance = torch.zeros_like(self.running_mean), torch.zeros_like(self.running_var)
        maps = batch_norm(images, mean, variance, self.weight, self.bias, True, momentum=1, eps=self.eps)
        share = caffe_share(self.num_batches_tracked).to(mean.dtype)
        self.running_mean.lerp_(mean, share)
        self.running_var.lerp_(variance, share)
        return maps

    @staticmethod
    def stacked(layers: Sequence["CaffeBatchNorm"]) -> nn.Module:
        """See `StackedCaffeBatchNorm`."""
        return StackedCaffeBatchNorm(layers)


class StackedCaffeBatchNorm(StackedBatchNorm):
    """Caffe's, every member by its own batch."""

    def share_of_last(self, mean: Tensor) -> Tensor:
        return caffe_share(self.num_batches_tracked)[:, None].to(mean.dtype).expand_as(mean)


def caffe_share(batches: Tensor) -> Tensor:
    """The share of the last of so many batches in Caffe's running statistics."""
    return (1 - CaffeBatchNorm.decay) / (1 - CaffeBatchNorm.decay ** batches.double())


class Residual(nn.Module):
    """The sum of a branch and a shortcut, maps (N, C, H, W) each (He et al. 2015, arXiv:1512.03385)."""

    def __init__(self, branch: nn.Module, shortcut: nn.Module) -> None:
        super().__init__()
        self.branch = branch
        self.shortcut = shortcut

    def forward(self, maps: Tensor) -> Tensor:
        return self.branch(maps) + self.shortcut(maps)

    @staticmethod
    def stacked(layers: Sequence["Residual"]) -> nn.Module:
        """The sum of stacked branches and stacked shortcuts."""
        return Residual(stack([each.branch for each in layers]), stack([each.shortcut for each in layers]))
