"""Class weights, by which any method's loss is weighted: which they are, their scale, and when they begin.

    L = sum_i w[y_i] l_i / Z        l_i: the loss of example i of a batch (B,)

normalisation   Z                 sum of w
batch           sum_i w[y_i]      any: it cancels, as in torch's own weighted mean
examples        B                 sum_c n_c w_c = N: the mean weight is 1 over the training set
classes         B                 sum_c w_c = C (Cui et al. 2019)
none            B                 as it is: the loss, and so the learning rate, shrinks with the weights

`after` is the fraction of training with equal weights before: deferred re-weighting, DRW (Cao et al. 2019).
"""

from typing import Annotated, Literal

import torch
from pydantic import Field
from torch import Tensor

from imbalance.methods.parts.losses import Context, class_balanced_weights, inverse_sizes, of_classes
from imbalance.strict import Strict

Normalisation = Literal["batch", "examples", "classes", "none"]


class Equal(Strict):
    """All classes weigh the same."""

    name: Literal["equal"] = "equal"

    def mean(self, losses: Tensor, targets: Tensor, context: Context) -> Tensor:
        """Return the mean (...) of the examples' losses (..., B)."""
        return losses.mean(dim=-1)


class Inverse(Strict):
    """w_c = 1 / n_c^power, which is zero for a class without examples; 1/2 is a smoothed form."""

    name: Literal["inverse"] = "inverse"
    power: float = Field(default=1, ge=0, le=4)
    normalisation: Normalisation = "batch"
    after: float = Field(default=0, ge=0, le=1)

    def mean(self, losses: Tensor, targets: Tensor, context: Context) -> Tensor:
        """Return the weighted mean (...) of the losses (..., B) of examples with the `targets` (..., B)."""
        weights = inverse_sizes(context) ** self.power * (context.sizes > 0)
        return _mean(weights, self.normalisation, self.after, losses, targets, context)


class ClassBalanced(Strict):
    """w_c = (1 - beta) / (1 - beta^n_c), by the effective number of examples (Cui et al. 2019, eq. 5).

    beta = 0 is equal weights; near 1, they become 1 / n_c.
    """

    name: Literal["class_balanced"] = "class_balanced"
    beta: float = Field(default=0.9999, ge=0, lt=1)
    normalisation: Normalisation = "batch"
    after: float = Field(default=0, ge=0, le=1)

    def mean(self, losses: Tensor, targets: Tensor, context: Context) -> Tensor:
        """Return the weighted mean (...) of the losses (..., B) of examples with the `targets` (..., B)."""
        weights = class_balanced_weights(context.sizes.clamp(min=1), self.beta)
        return _mean(weights, self.normalisation, self.after, losses, targets, context)


def _mean(
    weights: Tensor,
    normalisation: Normalisation,
    after: float,
    losses: Tensor,
    targets: Tensor,
    context: Context,
) -> Tensor:
    """Return the mean (...) with class weights (..., C), which are equal in the fraction `after`."""
    if normalisation == "examples":
        total = context.sizes.sum(dim=-1, keepdim=True)
        weights = weights * total / (context.sizes * weights).sum(dim=-1, keepdim=True)
    elif normalisation == "classes":
        weights = weights / weights.mean(dim=-1, keepdim=True)
    begun = torch.where(context.progress < after, torch.ones_like(weights), weights)
    of_examples = of_classes(begun, targets)
    total = (of_examples * losses).sum(dim=-1)
    return total / (of_examples.sum(dim=-1) if normalisation == "batch" else targets.shape[-1])


Weights = Annotated[Equal | Inverse | ClassBalanced, Field(discriminator="name")]
