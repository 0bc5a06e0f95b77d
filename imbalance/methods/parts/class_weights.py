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

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

import torch
from pydantic import BeforeValidator, Field
from torch import Tensor

from imbalance.catalogue import suggestion
from imbalance.errors import InputError
from imbalance.methods.parts.losses import Context, of_classes
from imbalance.strict import Strict

LEAST, MOST = 1e-6, 1e6  # of a weight that is given


class Equal(Strict):
    """All classes weigh the same."""

    name: Literal["equal"] = "equal"

    def for_classes(self, classes: Sequence[str]) -> Self:
        """Return the weights themselves, which depend on no name of a class."""
        return self

    def mean(self, losses: Tensor, targets: Tensor, context: Context) -> Tensor:
        """Return the mean (...) of the examples' losses (..., B)."""
        return losses.mean(dim=-1)


class _BySize(Strict):
    """Weights that follow from the class sizes, by `of_sizes`."""

    normalisation: Literal["batch", "examples", "classes", "none"] = "batch"
    after: float = Field(default=0, ge=0, le=1)

    def for_classes(self, classes: Sequence[str]) -> Self:
        """Return the weights for classes of these names, in label order; by default, themselves."""
        return self

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


def _pairs(values: Any) -> Any:
    """Return a mapping, or a list of pairs, as a tuple of pairs, which can be hashed; YAML's 9 is a name."""
    if isinstance(values, dict):
        values = [(str(name) if type(name) is int else name, value) for name, value in values.items()]
    return tuple(tuple(pair) for pair in values) if isinstance(values, list | tuple) else values


class Given(_BySize):
    """w_c as given by `values`, a mapping from names of classes; a class that is not named weighs 1."""

    name: Literal["given"] = "given"
    values: Annotated[
        tuple[tuple[str, Annotated[float, Field(ge=LEAST, le=MOST)]], ...],
        BeforeValidator(_pairs),
        Field(min_length=1),
    ]

    def for_classes(self, classes: Sequence[str]) -> Self:
        """Return the weights with a value for each class, in label order.

        Raises `InputError` if a name is none of the classes.
        """
        given = dict(self.values)
        if unknown := [name for name in given if name not in classes]:
            raise InputError(f"`weights`: no class '{unknown[0]}'; {suggestion(unknown[0], classes)}")
        return self.model_copy(update={"values": tuple((name, given.get(name, 1.0)) for name in classes)})

    def of_sizes(self, sizes: Tensor) -> Tensor:
        """Return the values (..., C), whatever the sizes; they must be those of `for_classes`.

        They are filled in one by one: a copy from the processor cannot be a part of a CUDA graph.
        """
        if len(self.values) != sizes.shape[-1]:
            raise InputError(f"`weights` are of {len(self.values)} classes, and there are {sizes.shape[-1]}.")
        weights, places = torch.ones_like(sizes), torch.arange(sizes.shape[-1], device=sizes.device)
        for label, (_, value) in enumerate(self.values):
            weights = torch.where(places == label, value, weights)
        return weights


Weights = Annotated[Equal | Inverse | ClassBalanced | Given, Field(discriminator="name")]
