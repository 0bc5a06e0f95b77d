"""Layers that torch lacks, or implements differently."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import batch_norm

from imbalance.networks.parts.stacking import StackedBatchNorm, StackedLinear, stack


class Linear(nn.Linear):
    """A linear layer computed by oneDNN, since MKL takes twice as long with pinned kernels."""

    def forward(self, features: Tensor) -> Tensor:
        onednn = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
        plain = features.dtype == torch.float32 and not torch.is_autocast_enabled("cpu")
        if features.device.type != "cpu" or not (onednn and plain):
            return super().forward(features)
        return nn.functional.linear(features.to_mkldnn(), self.weight, self.bias).to_dense()

    @staticmethod
    def stacked(layers: Sequence["Linear"]) -> nn.Module:
        """Return the same twin as for torch's linear layers."""
        return StackedLinear(layers)


class CaffeBatchNorm(nn.BatchNorm2d):
    """Caffe's BatchNorm and Scale layers (Jia et al. 2014), whose running statistics have no initial values.

    Batch k of t has a weight in proportion to 0.999^(t - k). torch's running statistics start from mean 0 and
    variance 1, and forget these slowly. Like torch, Caffe keeps the unbiased variance: n / (n - 1) times the
    variance by which it normalises a batch of n positions.
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
    """The stacked twin of `CaffeBatchNorm`: each member is normalised by its own batch."""

    def share_of_last(self, mean: Tensor) -> Tensor:
        return caffe_share(self.num_batches_tracked)[:, None].to(mean.dtype).expand_as(mean)


def caffe_share(batches: Tensor) -> Tensor:
    """Return the weight of the last batch in Caffe's running statistics over `batches` batches."""
    return (1 - CaffeBatchNorm.decay) / (1 - CaffeBatchNorm.decay ** batches.double())


class Residual(nn.Module):
    """The sum of a branch and a shortcut, both with maps (N, C, H, W) (He et al. 2015, arXiv:1512.03385)."""

    def __init__(self, branch: nn.Module, shortcut: nn.Module) -> None:
        super().__init__()
        self.branch = branch
        self.shortcut = shortcut

    def forward(self, maps: Tensor) -> Tensor:
        return self.branch(maps) + self.shortcut(maps)

    @staticmethod
    def stacked(layers: Sequence["Residual"]) -> nn.Module:
        """Return the sum of the stacked branches and the stacked shortcuts."""
        return Residual(stack([each.branch for each in layers]), stack([each.shortcut for each in layers]))
