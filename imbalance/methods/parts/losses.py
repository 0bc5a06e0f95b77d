"""Building blocks of losses, for any leading axes: logits (B, C) of a network, or (..., B, C) of a stack."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import one_hot


@dataclass(frozen=True)
class Context:
    """The arguments of a loss besides logits and targets.

    `sizes` (..., C), float: the class sizes of the training set, before any sampling.
    `progress` (): the fraction of the iterations that are done, in [0, 1). It is a tensor, since the loss is
    compiled once: choose by it with `torch.where`, not with `if`.
    `features` (..., B, D): the input of the classifier; maps (..., B, D, h, w) if it is convolutional.
    Gradients flow through them; `detach` them if they are meant as constants.
    `positions` (..., B): the positions of the examples in the prepared training set.
    `partners` (..., B): the labels of the examples that are mixed in; `shares` (...): the shares of the
    examples themselves in the mixtures. Without mixing, these are the examples' own labels, and 1.
    `state`: the method's state, tensors by name, from its `state` or its last `refresh`; the same for all
    leading axes.
    `classifier`: the classifier being trained, for a loss that applies it to other features (..., M, D) than
    those of the batch; it returns their logits (..., M, C).
    """

    sizes: Tensor
    progress: Tensor
    features: Tensor
    positions: Tensor
    partners: Tensor
    shares: Tensor
    state: Mapping[str, Tensor]
    classifier: Callable[[Tensor], Tensor]


def cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """Return -ln p of the true class: logits (..., B, C) and targets (..., B) to (..., B)."""
    return -of_targets(logits.log_softmax(dim=-1), targets)


def of_targets(values: Tensor, targets: Tensor) -> Tensor:
    """Return every example's value for its true class: (..., B, C) and (..., B) to (..., B).

    `gather` is not used on the values, as GPUs add up its gradient in any order, or must sort for a fixed
    one. Targets are looked up among the classes first, so that an invalid target raises torch's index error,
    instead of giving 0.
    """
    classes = torch.arange(values.shape[-1], device=values.device)
    known = of_classes(classes.expand(*targets.shape[:-1], -1), targets)
    return torch.where(known.unsqueeze(-1) == classes, values, 0).sum(dim=-1)


def of_classes(values: Tensor, targets: Tensor) -> Tensor:
    """Look up a value by class for every example: (..., C) and (..., B) to (..., B)."""
    return values.gather(-1, targets)


def inverse_sizes(context: Context) -> Tensor:
    """Return class weights 1 / n_c (..., C), which are zero for a class without examples."""
    return torch.where(context.sizes > 0, 1 / context.sizes, 0)


def class_errors(logits: Tensor, targets: Tensor, error: Literal["squared", "cross_entropy"]) -> Tensor:
    """Return each class's mean error in a batch: (..., B, C) and (..., B) to (..., C); 0 for absent classes.

    The squared error is e_i = 1/2 |p_i - Y_i|^2; its class means are the false errors of Wang et al. (2016).
    """
    members = one_hot(targets, logits.shape[-1]).to(logits.dtype)
    if error == "squared":
        errors = (logits.softmax(dim=-1) - members).square().sum(dim=-1) / 2
    else:
        errors = cross_entropy(logits, targets)
    sums = (members * errors.unsqueeze(-1)).sum(dim=-2)
    return sums / members.sum(dim=-2).clamp(min=1)
