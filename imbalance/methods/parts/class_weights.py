"""Class weights, by which any mean of examples' losses is weighted: which, at what scale, and from when on.

    L = sum_i w[y_i] l_i / Z        l_i: the loss of example i of a batch (B,)

normalisation   Z                 w is scaled such that
batch           sum_i w[y_i]      (the scale cancels, as in torch's own weighted mean)
examples        B                 sum_c n_c w_c = N: the mean weight is 1 over the training set
classes         B                 sum_c w_c = C (Cui et al. 2019)
none            B                 (not scaled: the loss, and so the learning rate, shrinks with the weights)

`after` is the fraction of training with equal weights before: deferred re-weighting, DRW (Cao et al. 2019).
A class without examples has no weight, and is not counted in C.
"""

from typing import Annotated, Literal

import torch
from pydantic import Field
from torch import Tensor

from imbalance.methods.parts.losses import Context, of_classes
from imbalance.strict import Strict


class Equal(Strict):
    """All classes weigh the same."""

    name: Literal["equal"] = "equal"

    def mean(self, losses: Tensor, targets: Tensor, context: Context) -> Tensor:
        """Return the mean (...) of the examples' losses (..., B)."""
        return losses.mean(dim=-1)


class _BySize(Strict):
    """Weights that follow from the class sizes, by `of_sizes`."""

    normalisation: Literal["batch", "examples", "classes", "none"] = "batch"
    after: float = Field(default=0, ge=0, le=1)

    def of_sizes(self, sizes: Tensor) -> Tensor:
        """Return the weights (..., C), before scaling, of classes of the given sizes (..., C), from 1."""
        raise NotImplementedError

    def mean(self, losses: Tensor, targets: Tensor, context: Context) -> Tensor:
        """Return the weighted mean (...) of the losses (..., B) of examples with the `targets` (..., B)."""
        of_examples = of_classes(self.at(context), targets)
        total = (of_examples * losses).sum(dim=-1)
        return total / (of_examples.sum(dim=-1) if self.normalisation == "batch" else targets.shape[-1])

    def at(self, context: Context) -> Tensor:
        """Return the scaled weights (..., C) at a point of the training."""
        sizes = context.sizes
        raw = torch.where(sizes > 0, self.of_sizes(sizes.clamp(min=1)), 0)
        if self.normalisation == "examples":
            raw = raw * (sizes.sum(dim=-1, keepdim=True) / (sizes * raw).sum(dim=-1, keepdim=True))
        elif self.normalisation == "classes":
            raw = raw * ((sizes > 0).sum(dim=-1, keepdim=True) / raw.sum(dim=-1, keepdim=True))
        return torch.where(context.progress < self.after, torch.ones_like(raw), raw)


class Inverse(_BySize):
    """w_c = 1 / n_c^power; 1/2 is a smoothed form."""

    name: Literal["inverse"] = "inverse"
    power: float = Field(default=1, ge=0, le=4)

    def of_sizes(self, sizes: Tensor) -> Tensor:
        """Return 1 / n_c^power (..., C)."""
        return sizes**-self.power


class ClassBalanced(_BySize):
    """w_c = (1 - beta) / (1 - beta^n_c), by the effective number of examples (Cui et al. 2019, eq. 5).

    beta = 0 is equal weights; near 1, they become 1 / n_c.
    """

    name: Literal["class_balanced"] = "class_balanced"
    beta: float = Field(default=0.9999, ge=0, lt=1)

    def of_sizes(self, sizes: Tensor) -> Tensor:
        """Return the weights (..., C), computed in float64.

        beta^n_c of a small class is close to 1, and the difference from 1 would lose digits.
        """
        return ((1 - self.beta) / (1 - self.beta ** sizes.double())).to(sizes.dtype)


Weights = Annotated[Equal | Inverse | ClassBalanced, Field(discriminator="name")]
