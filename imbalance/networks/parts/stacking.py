"""K networks of one architecture as one model: parameters and buffers get a leading axis of K members.

The maps of all members form one batch, (K N, ...), member after member, so that layers without parameters are
the same for a fleet. Convolutions unfold their inputs and multiply matrices, with the member as the batch
axis. Grouped convolutions, which torch would use (also in `torch.vmap`), are slow, as they have few channels
per group here. This module has the twins of torch's own layers; any other layer provides its stacked twin by
a static method `stacked`.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from imbalance.errors import InputError


class NotStackableError(InputError):
    """A layer has no stacked twin, so that its network cannot be trained in a fleet."""


def stack(modules: Sequence[nn.Module]) -> nn.Module:
    """Return the stacked twin of K modules of the same class; raises `NotStackableError` if it has none.

    The twin of a parent class is not used, since a subclass may compute something else.
    """
    kind = type(modules[0])
    if kind in STACKED:
        return STACKED[kind](modules)
    if "stacked" not in vars(kind):
        raise NotStackableError(
            f"fleets do not know the layer {kind.__name__}; give its class a method `stacked`, as the layers "
            "in imbalance/networks/parts/layers.py have it."
        )
    twin: nn.Module = vars(kind)["stacked"](modules)
    return twin


def alike(modules: Sequence[nn.Module]) -> nn.Module:
    """Return the twin of layers without parameters or state, which is any one of them."""
    return modules[0]


def by_member(batch: Tensor, members: int) -> Tensor:
    """Reshape a batch (K N, ...) of K members to (K, N, ...)."""
    return batch.reshape(members, -1, *batch.shape[1:])


def unfold(maps: Tensor, kernel: Sequence[int], stride: Sequence[int], padding: Sequence[int]) -> Tensor:
    """Return a kernel's windows at all positions: (N, C, H, W) to (N, H', W', kernel height * width * C)."""
    vertical, horizontal = padding
    rows = pad(maps.permute(0, 2, 3, 1), (0, 0, horizontal, horizontal, vertical, vertical))
    return Windows.apply(rows, tuple(kernel), tuple(stride))


class Windows(torch.autograd.Function):
    """The windows of channels-last maps, in one copy; gradients are added up where windows overlap.

    torch's own gradient, when compiled, adds by atomic operations, in any order. This one adds shifted maps,
    in a fixed order.
    """

    @staticmethod
    def forward(ctx: Any, rows: Tensor, kernel: tuple[int, int], stride: tuple[int, int]) -> Tensor:
        """Return the windows of maps: (N, H, W, C) to (N, H', W', kernel height * width * C)."""
        ctx.shape, ctx.kernel, ctx.stride = rows.shape, kernel, stride
        windows = rows.unfold(1, kernel[0], stride[0]).unfold(2, kernel[1], stride[1])
        return windows.permute(0, 1, 2, 4, 5, 3).flatten(3)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        """Return the gradient by `fold`, summed in float32 at least."""
        windows = gradient.to(torch.promote_types(gradient.dtype, torch.float32))
        return fold(windows, ctx.shape, ctx.kernel, ctx.stride).to(gradient.dtype), None, None


def fold(windows: Tensor, shape: Sequence[int], kernel: Sequence[int], stride: Sequence[int]) -> Tensor:
    """Add up overlapping windows (N, H', W', kernel height * width * C) in maps (N, H, W, C).

    Rows and columns with the same remainder modulo the stride are summed together, and then interleaved.
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
    """K convolutions: weight (K, O, C, height, width), each member's in channels-last layout; bias (K, O)."""

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
        products = affine(columns.reshape(members, -1, columns.shape[-1]), weight, self.bias)
        return products.view(*columns.shape[:3], outputs).permute(0, 3, 1, 2)


class StackedLinear(nn.Module):
    """K linear layers: weight (K, C, D), bias (K, C)."""

    def __init__(self, layers: Sequence[nn.Linear]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.stack([layer.weight.detach() for layer in layers]))
        self.bias = _stacked_parameter([layer.bias for layer in layers])

    def forward(self, features: Tensor) -> Tensor:
        return affine(by_member(features, len(self.weight)), self.weight, self.bias).flatten(0, 1)


class StackedBatchNorm(nn.Module):
    """K batch normalisations, each member by the statistics of its own batch; all tensors are (K, C)."""

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
        share = self.share_of_last(mean)
        self.running_mean.lerp_(mean, share)
        self.running_var.lerp_(variance * (count / (count - 1)), share)

    def share_of_last(self, mean: Tensor) -> Tensor:
        """Return the weight (K, C) of the last batch, with this `mean` (K, C), in the running statistics."""
        return torch.full_like(mean, self.momentum)


class MeanOfPositions(nn.Module):
    """Global average pooling, for `nn.AdaptiveAvgPool2d(1)`, whose gradient torch 2.11 compiles to zero."""

    def __init__(self, layers: Sequence[nn.AdaptiveAvgPool2d]) -> None:
        super().__init__()
        if layers[0].output_size not in (1, (1, 1)):
            raise NotStackableError("fleets average maps over all positions only (AdaptiveAvgPool2d(1)).")

    def forward(self, maps: Tensor) -> Tensor:
        return maps.mean(dim=(2, 3), keepdim=True)


def affine(inputs: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """Return the affine maps (K, N, C) of inputs (K, N, D), with weight (K, C, D) and bias (K, C)."""
    products = torch.bmm(inputs, weight.transpose(1, 2))
    return products if bias is None else products + bias[:, None].to(products.dtype)


def _stacked_parameter(parameters: Sequence[Tensor | None]) -> nn.Parameter | None:
    present = [parameter.detach() for parameter in parameters if parameter is not None]
    return nn.Parameter(torch.stack(present)) if present else None


def stack_each(modules: Sequence[nn.Sequential]) -> list[nn.Module]:
    """Stack K sequences layer by layer, and return the layers of the stacked sequence."""
    return [stack(layers) for layers in zip(*modules, strict=True)]


STACKED: dict[type[nn.Module], Callable[[Any], nn.Module]] = {
    nn.Conv2d: StackedConv2d,
    nn.Linear: StackedLinear,
    nn.BatchNorm2d: StackedBatchNorm,
    nn.AdaptiveAvgPool2d: MeanOfPositions,
    nn.Sequential: lambda modules: nn.Sequential(*stack_each(modules)),
    **dict.fromkeys((nn.Flatten, nn.Identity, nn.ReLU, nn.Dropout, nn.MaxPool2d), alike),
}
