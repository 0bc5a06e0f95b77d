"""K networks of one architecture as one model: parameters and buffers get a leading axis of K members.

The maps of all members are one batch, (K N, ...), member after member, so that layers without parameters are
the same for a fleet. Convolutions unfold their inputs and multiply matrices, with the member as the batch
axis: grouped convolutions, torch's own way (`torch.vmap`, too), have few channels a group here, and are slow.
"""

from collections.abc import Callable, Sequence
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize, pad

from imbalance.errors import InputError
from imbalance.methods.parts.classifiers import NormedLinear
from imbalance.networks.parts.cifar_resnet import Subsampling
from imbalance.networks.parts.inputs import ChannelStandard, PixelScale, Whitening, contrast_normalized
from imbalance.networks.parts.layers import CaffeBatchNorm, Linear, Residual, caffe_share
from imbalance.networks.parts.network import Network
from imbalance.training.jobs import FrozenFeatures


class NotStackableError(InputError):
    """A layer that fleets do not know."""


class Fleet(nn.Module):
    """K models as one: inputs (K, N, ...) to outputs (K, N, C), each member's as if it were alone.

    Raises `NotStackableError` for models with layers that are not in the table below.
    """

    def __init__(self, models: Sequence[nn.Module]) -> None:
        super().__init__()
        self.size = len(models)
        self.model = stack(models)
        for name, parameter in models[0].named_parameters():
            self.model.get_parameter(name).requires_grad_(parameter.requires_grad)

    def forward(self, inputs: Tensor) -> Tensor:
        return by_member(self.model(inputs.flatten(0, 1)), self.size)

    @property
    def network(self) -> Network:
        """The networks as one, of images (K N, ...)."""
        return cast(Network, self.model)

    def copy_to(self, models: Sequence[nn.Module]) -> None:
        """Give models, such as those that it was made of, the members' parameters and buffers."""
        state = self.model.state_dict()
        for member, model in enumerate(models):
            for name, own in model.state_dict().items():
                own.copy_(state[name][member])


def stack(modules: Sequence[nn.Module]) -> nn.Module:
    """One module of K of the same kind."""
    kind = type(modules[0])
    if kind not in STACKED:
        raise NotStackableError(
            f"fleets do not know the layer {kind.__name__}; add it to imbalance/training/fleet/stacking.py."
        )
    return STACKED[kind](modules)


def by_member(batch: Tensor, members: int) -> Tensor:
    """A batch (K N, ...) of K members as (K, N, ...)."""
    return batch.reshape(members, -1, *batch.shape[1:])


def unfold(maps: Tensor, kernel: Sequence[int], stride: Sequence[int], padding: Sequence[int]) -> Tensor:
    """What a kernel sees at every position: maps (N, C, H, W) to (N, H', W', kernel height * width * C)."""
    vertical, horizontal = padding
    rows = pad(maps.permute(0, 2, 3, 1), (0, 0, horizontal, horizontal, vertical, vertical))
    return Windows.apply(rows, tuple(kernel), tuple(stride))


class Windows(torch.autograd.Function):
    """The windows of maps with their channels last, in one copy; gradients are added up where they overlap.

    Compiled, torch's own gradient adds by atomic operations, in any order; this one by shifted sums.
    """

    @staticmethod
    def forward(ctx: Any, rows: Tensor, kernel: tuple[int, int], stride: tuple[int, int]) -> Tensor:
        """(N, H, W, C) to (N, H', W', kernel height * width * C)."""
        ctx.shape, ctx.kernel, ctx.stride = rows.shape, kernel, stride
        windows = rows.unfold(1, kernel[0], stride[0]).unfold(2, kernel[1], stride[1])
        return windows.permute(0, 1, 2, 4, 5, 3).flatten(3)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        """See `fold`; sums in float32 at least."""
        windows = gradient.to(torch.promote_types(gradient.dtype, torch.float32))
        return fold(windows, ctx.shape, ctx.kernel, ctx.stride).to(gradient.dtype), None, None


def fold(windows: Tensor, shape: Sequence[int], kernel: Sequence[int], stride: Sequence[int]) -> Tensor:
    """Sums of windows (N, H', W', kernel height * width * C), where they overlap, in maps (N, H, W, C).

    A sum for each of the rows and columns that are alike modulo the stride; then these take their turns.
    """
    (_, height, width, channels), (down, right) = shape, stride
    taps = windows.reshape(*windows.shape[:3], *kernel, channels)
    high, wide = -(-height // down), -(-width // right)
    below, beside = high - taps.shape[1], wide - taps.shape[2]

    def total(first: int, second: int) -> Tensor:
        shifted = [
            pad(taps[:, :, :, row, column], (0, 0, n, beside - n, m, below - m))
            for m, row in enumerate(range(first, kernel[0], down))
            for n, column in enumerate(range(second, kernel[1], right))
        ]
        return sum(shifted, start=windows.new_zeros(len(windows), high, wide, channels))

    rows = [torch.stack([total(row, column) for column in range(right)], dim=3) for row in range(down)]
    return torch.stack(rows, dim=2).flatten(3, 4).flatten(1, 2)[:, :height, :width]


class StackedConv2d(nn.Module):
    """Convolutions: weight (K, O, C, height, width), each member's in channels-last layout; bias (K, O)."""

    def __init__(self, layers: Sequence[nn.Conv2d]) -> None:
        super().__init__()
        first = layers[0]
        plain = first.groups == 1 and first.dilation == (1, 1) and first.padding_mode == "zeros"
        if not plain or not isinstance(first.padding, tuple):
            raise NotStackableError("fleets know only plain convolutions, with their padding in numbers.")
        self.stride, self.padding = first.stride, first.padding
        weights = torch.stack([layer.weight.detach().permute(0, 2, 3, 1) for layer in layers])
        self.weight = nn.Parameter(weights.permute(0, 1, 4, 2, 3))
        self.bias = _stacked_parameter([layer.bias for layer in layers])

    def forward(self, maps: Tensor) -> Tensor:
        members, outputs, _, *kernel = self.weight.shape
        if members == 1:
            bias = None if self.bias is None else self.bias[0]
            return nn.functional.conv2d(maps, self.weight[0], bias, self.stride, self.padding)
        columns = unfold(maps, kernel, self.stride, self.padding)
        weight = self.weight.permute(0, 1, 3, 4, 2).flatten(2)
        products = _affine(columns.reshape(members, -1, columns.shape[-1]), weight, self.bias)
        return products.view(*columns.shape[:3], outputs).permute(0, 3, 1, 2)


class StackedLinear(nn.Module):
    """Linear layers: weight (K, C, D), bias (K, C)."""

    def __init__(self, layers: Sequence[nn.Linear]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.stack([layer.weight.detach() for layer in layers]))
        self.bias = _stacked_parameter([layer.bias for layer in layers])

    def forward(self, features: Tensor) -> Tensor:
        return _affine(by_member(features, len(self.weight)), self.weight, self.bias).flatten(0, 1)


class StackedNormedLinear(nn.Module):
    """Scaled cosines (imbalance/methods/parts/classifiers.py): weight (K, C, D)."""

    def __init__(self, layers: Sequence[NormedLinear]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.stack([layer.weight.detach() for layer in layers]))
        self.scale = layers[0].scale

    def forward(self, features: Tensor) -> Tensor:
        members = by_member(normalize(features, dim=-1), len(self.weight))
        return self.scale * _affine(members, normalize(self.weight, dim=-1), None).flatten(0, 1)


class StackedBatchNorm(nn.Module):
    """Batch normalisations, torch's and Caffe's: every member by its own batch; all tensors (K, C)."""

    running_mean: Tensor
    running_var: Tensor
    num_batches_tracked: Tensor

    def __init__(self, layers: Sequence[nn.BatchNorm2d]) -> None:
        super().__init__()
        first = layers[0]
        if not (first.affine and first.track_running_stats) or first.momentum is None:
            raise NotStackableError(
                "fleets know only batch normalisations with scales and running statistics."
            )
        self.eps, self.momentum = first.eps, first.momentum
        self.is_caffes = isinstance(first, CaffeBatchNorm)
        self.weight = nn.Parameter(torch.stack([layer.weight.detach() for layer in layers]))
        self.bias = nn.Parameter(torch.stack([layer.bias.detach() for layer in layers]))
        for name, _ in first.named_buffers():
            self.register_buffer(name, torch.stack([layer.get_buffer(name) for layer in layers]))

    def forward(self, maps: Tensor) -> Tensor:
        batches = by_member(maps.to(torch.promote_types(maps.dtype, torch.float32)), len(self.weight))
        mean, variance = self.running_mean, self.running_var
        if self.training:
            variance, mean = torch.var_mean(batches, dim=(1, 3, 4), correction=0)
            self._remember(mean.detach(), variance.detach(), count=batches[0, :, 0].numel())
        factor = self.weight * (variance + self.eps).rsqrt()
        factor, mean, bias = (each[:, None, :, None, None] for each in (factor, mean, self.bias))
        return ((batches - mean) * factor + bias).flatten(0, 1).to(maps.dtype)

    def _remember(self, mean: Tensor, variance: Tensor, count: int) -> None:
        self.num_batches_tracked += 1
        share = torch.full_like(mean, self.momentum)
        if self.is_caffes:
            share = caffe_share(self.num_batches_tracked)[:, None].to(mean.dtype).expand_as(mean)
        self.running_mean.lerp_(mean, share)
        self.running_var.lerp_(variance * (count / (count - 1)), share)


class MeanOfPositions(nn.Module):
    """`nn.AdaptiveAvgPool2d(1)`, which torch 2.11 compiles to a gradient of zero."""

    def __init__(self, layers: Sequence[nn.AdaptiveAvgPool2d]) -> None:
        super().__init__()
        if layers[0].output_size not in (1, (1, 1)):
            raise NotStackableError("fleets average maps over all positions only (AdaptiveAvgPool2d(1)).")

    def forward(self, maps: Tensor) -> Tensor:
        return maps.mean(dim=(2, 3), keepdim=True)


class StackedWhitening(nn.Module):
    """GCN and ZCA (imbalance/networks/parts/inputs.py): mean (K, D), matrix (K, D, D)."""

    mean: Tensor
    matrix: Tensor

    def __init__(self, layers: Sequence[Whitening]) -> None:
        super().__init__()
        self.norm = layers[0].norm
        self.register_buffer("mean", torch.stack([layer.mean for layer in layers]))
        self.register_buffer("matrix", torch.stack([layer.matrix for layer in layers]))

    def forward(self, images: Tensor) -> Tensor:
        rows = by_member(contrast_normalized(images, self.norm), len(self.mean))
        with torch.autocast(images.device.type, enabled=False):
            whitened = torch.bmm(rows - self.mean[:, None], self.matrix)
        return whitened.reshape(images.shape).contiguous(memory_format=torch.channels_last)


def _affine(inputs: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """Inputs (K, N, D), weight (K, C, D) and bias (K, C) to (K, N, C)."""
    products = torch.bmm(inputs, weight.transpose(1, 2))
    return products if bias is None else products + bias[:, None].to(products.dtype)


def _stacked_parameter(parameters: Sequence[Tensor | None]) -> nn.Parameter | None:
    present = [parameter.detach() for parameter in parameters if parameter is not None]
    return nn.Parameter(torch.stack(present)) if present else None


def _first(modules: Sequence[nn.Module]) -> nn.Module:
    """A layer that does the same to every image, and has nothing of its own."""
    return modules[0]


def _sequential(modules: Sequence[nn.Sequential]) -> nn.Sequential:
    return nn.Sequential(*(stack(layers) for layers in zip(*modules, strict=True)))


def _residual(modules: Sequence[Residual]) -> nn.Module:
    return Residual(stack([each.branch for each in modules]), stack([each.shortcut for each in modules]))


def _network(modules: Sequence[Network]) -> Network:
    features = cast(nn.Sequential, stack([each.features for each in modules]))
    return Network(features, stack([each.classifier for each in modules]), modules[0].classes)


def _frozen_features(modules: Sequence[FrozenFeatures]) -> FrozenFeatures:
    return FrozenFeatures(*_sequential(modules))


# By the exact type: a subclass may compute something else.
STACKED: dict[type[nn.Module], Callable[[Any], nn.Module]] = {
    nn.Conv2d: StackedConv2d,
    nn.Linear: StackedLinear,
    Linear: StackedLinear,
    nn.BatchNorm2d: StackedBatchNorm,
    CaffeBatchNorm: StackedBatchNorm,
    NormedLinear: StackedNormedLinear,
    Whitening: StackedWhitening,
    nn.Sequential: _sequential,
    Residual: _residual,
    Network: _network,
    FrozenFeatures: _frozen_features,
    **dict.fromkeys((PixelScale, ChannelStandard, Subsampling, nn.Flatten, nn.Identity, nn.ReLU), _first),
    **dict.fromkeys((nn.Dropout, nn.MaxPool2d), _first),
    nn.AdaptiveAvgPool2d: MeanOfPositions,
}
