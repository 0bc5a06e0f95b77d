"""Recipes: how a network is trained on a data set (Buda et al. 2018, §3.3), in Caffe's terms."""

import math
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, PositiveFloat, model_validator

from imbalance.augmentation import Augmentation
from imbalance.inputs import Inputs
from imbalance.strict import Strict


class Inv(Strict):
    """Caffe's "inv" policy: (1 + gamma * t)^-power."""

    name: Literal["inv"]
    gamma: float = Field(ge=0)
    power: float = Field(ge=0)

    def factor(self, iteration: float, iterations: int) -> float:
        """The learning rate after `iteration` of `iterations` updates, relative to the base rate."""
        return float((1 + self.gamma * iteration) ** -self.power)


class Multistep(Strict):
    """Caffe's "multistep" policy: times gamma at every step reached; before, a warm-up in equal stairs."""

    name: Literal["multistep"]
    gamma: float = Field(gt=0)
    steps: tuple[int, ...]
    warmup: int = Field(default=0, ge=0)

    def factor(self, iteration: float, iterations: int) -> float:
        """See `Inv.factor`; the first iteration at or after a step already has the lower rate."""
        iteration += 1e-9  # a budget stretches the steps, so that they may be missed by a rounding error
        rising = min(1, (int(iteration) + 1) / self.warmup) if self.warmup else 1
        return float(rising * self.gamma ** sum(iteration >= step for step in self.steps))


class Poly(Strict):
    """Caffe's "poly" policy: (1 - t / T)^power; power 1 is a linear decay to zero."""

    name: Literal["poly"]
    power: float = Field(ge=0)

    def factor(self, iteration: float, iterations: int) -> float:
        """See `Inv.factor`."""
        return float((1 - iteration / iterations) ** self.power)


Policy = Annotated[Inv | Multistep | Poly, Field(discriminator="name")]


class CaffeMomentum(Strict):
    """Caffe's SGD with momentum; biases learn at `bias_lr` times the rate. All parameters decay."""

    name: Literal["caffe_sgd"]
    momentum: float = Field(ge=0, lt=1)
    weight_decay: float = Field(ge=0)
    bias_lr: float = Field(gt=0)


class Momentum(Strict):
    """torch's SGD with momentum: the history does not know the rates of the past."""

    name: Literal["sgd"]
    momentum: float = Field(ge=0, lt=1)
    weight_decay: float = Field(ge=0)
    nesterov: bool = False


class AdaptiveMoments(Strict):
    """Adam (Kingma & Ba 2015) with its usual constants."""

    name: Literal["adam"]
    weight_decay: float = Field(default=0, ge=0)


Solver = Annotated[CaffeMomentum | Momentum | AdaptiveMoments, Field(discriminator="name")]


def _listed(rates: Any) -> Any:
    """One rate is a list of one."""
    return rates if isinstance(rates, list | tuple) else [rates]


class Recipe(Strict):
    """How a network is trained on a data set.

    The published length is given in `iterations`, or in `epochs` of the whole training set, and the steps of
    the policy in the same unit; `budget` scales it. An iteration takes the mean gradient of `iter_size`
    batches. Several rates in `base_lr`, or `repeats` of them, are a search: the best of the networks is kept.
    `up_to` is the side of the largest images for which `network: auto` takes it.
    """

    inputs: Inputs
    batch: int = Field(ge=1)
    iter_size: int = Field(default=1, ge=1)
    iterations: int | None = Field(default=None, ge=1)
    epochs: int | None = Field(default=None, ge=1)
    base_lr: Annotated[tuple[PositiveFloat, ...], BeforeValidator(_listed), Field(min_length=1)]
    repeats: int = Field(default=1, ge=1)
    policy: Policy
    solver: Solver
    augmentation: Augmentation | None = None
    up_to: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _has_one_length(self) -> Self:
        if (self.iterations is None) == (self.epochs is None):
            raise ValueError("give either `iterations` or `epochs`")
        return self

    @property
    def searches(self) -> bool:
        """Whether several networks are trained, of which one is kept."""
        return len(self.base_lr) * self.repeats > 1

    def held_out(self, own: float, of_search: float) -> float:
        """The fraction of the images held out of a training: the method's own, or that of a search."""
        return own or (of_search if self.searches else 0)

    def iterations_within(self, budget: float, images: int) -> int:
        """How many iterations the fraction `budget` of the published length makes with so many images."""
        of_an_epoch = math.ceil(images / (self.batch * self.iter_size))
        return max(1, round(budget * (self.iterations or (self.epochs or 0) * of_an_epoch)))

    def with_rate(self, base_lr: float) -> "Recipe":
        """This recipe with a single one of its rates."""
        return self.model_copy(update={"base_lr": (base_lr,), "repeats": 1})

    def learning_rate(self, iteration: int, iterations: int) -> float:
        """The rate of an iteration (0-based) in a run of `iterations`; of several base rates, the first."""
        return self.base_lr[0] * self.factor(iteration, iterations)

    def factor(self, iteration: int, iterations: int) -> float:
        """The rate relative to the base rate, the policy stretched over the run."""
        length = self.iterations or self.epochs or 0
        return self.policy.factor(iteration * length / iterations, length)
