"""What the losses share. Any leading axes: one network's (B, C), or a stack of networks' (..., B, C)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import one_hot


@dataclass(frozen=True)
class Context:
    """What a loss may know beside the batch.

    `sizes` (..., C), float: the class sizes of the training set, before any sampling.
    `progress` (): the fraction of the iterations that are done, in [0, 1). A tensor, as it changes while the
    loss is compiled once: choose by it with `torch.where`, not with `if`.
    `features` (..., B, D): what the classifier made the logits of; maps (..., B, D, h, w) where it is
    convolutional. Gradients flow through them; `detach` them where they are constants.
    `positions` (..., B): where in the prepared training set the examples are.
    `partners` (..., B) are the labels of the examples that are mixed in, and `shares` (...) the shares of the
    examples themselves in the mixtures. Where nothing is mixed, these are their own labels and 1.
    `state`: what the method's `state` began and its `refresh` gave last, by name; the same for all the axes.
    """

    sizes: Tensor
    progress: Tensor
    features: Tensor
    positions: Tensor
    partners: Tensor
    shares: Tensor
    state: Mapping[str, Tensor]


def cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """-ln p of the true class: logits (..., B, C) and targets (..., B) to (..., B)."""
    return -of_targets(logits.log_softmax(dim=-1), targets)


def of_targets(values: Tensor, targets: Tensor) -> Tensor:
    """The true class's value of every example: (..., B, C) and (..., B) to (..., B).

    Not by `gather`, whose gradient GPUs add up in any order, or sort to have one. A target that is no class
    is torch's index error, as the targets are looked up among the classes, and not a value of 0.
    """
    classes = torch.arange(values.shape[-1], device=values.device)
    known = of_classes(classes.expand(*targets.shape[:-1], -1), targets)
    return torch.where(known.unsqueeze(-1) == classes, values, 0).sum(dim=-1)


def of_classes(values: Tensor, targets: Tensor) -> Tensor:
    """A value of each class, looked up for every example: (..., C) and (..., B) to (..., B)."""
    return values.gather(-1, targets)


def inverse_sizes(context: Context) -> Tensor:
    """Class weights 1 / n_c (..., C); zero for a class without examples."""
    return torch.where(context.sizes > 0, 1 / context.sizes, 0)


def class_balanced_weights(sizes: Tensor, beta: float) -> Tensor:
    """(1 - beta) / (1 - beta^n_c), scaled to sum to C (Cui et al. 2019, eq. 5): (..., C) to (..., C).

    In doubles: beta^n_c of a large class is close to one.
    """
    raw = (1 - beta) / (1 - beta ** sizes.double())
    return (raw / raw.sum(dim=-1, keepdim=True) * sizes.shape[-1]).to(sizes.dtype)


def class_errors(logits: Tensor, targets: Tensor, error: Literal["squared", "cross_entropy"]) -> Tensor:
    """Each class's mean error in the batch: (..., B, C) and (..., B) to (..., C); zero for absent classes.

    Squared: e_i = 1/2 |p_i - Y_i|^2, the false errors of Wang et al. (2016), one for each class.
    """
    members = one_hot(targets, logits.shape[-1]).to(logits.dtype)
    if error == "squared":
        errors = (logits.softmax(dim=-1) - members).square().sum(dim=-1) / 2
    else:
        errors = cross_entropy(logits, targets)
    sums = (members * errors.unsqueeze(-1)).sum(dim=-2)
    return sums / members.sum(dim=-2).clamp(min=1)
