"""Recipes, in Caffe's terms: the training schedule of a network on a data set (Buda et al. 2018, §3.3)."""

import math
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, PositiveInt, field_serializer, field_validator, model_validator

from imbalance.data.augmentation import Augmentation
from imbalance.errors import InputError
from imbalance.networks.parts.inputs import Inputs
from imbalance.strict import Strict

RANDOM = "none"  # in place of pretrained weights
LARGEST_BATCH = 8192  # images in a mini-batch; gradient accumulation (`iter_size`) makes larger batches
Rate = Annotated[float, Field(ge=1e-12, le=1e12)]  # neither rounded to zero nor overflowing


class Inv(Strict):
    """Caffe's "inv" policy: (1 + gamma * t)^-power."""

    name: Literal["inv"]
    gamma: float = Field(ge=0, le=1)
    power: float = Field(ge=0, le=10)

    def factor(self, iteration: float, iterations: int) -> float:
        """Return the learning rate after `iteration` of `iterations` updates, relative to the base rate."""
        return float((1 + self.gamma * iteration) ** -self.power)


class Multistep(Strict):
    """Caffe's "multistep" policy: times gamma at each of the `steps`, after a warm-up in equal stairs."""

    name: Literal["multistep"]
    gamma: float = Field(ge=1e-6, le=1)
    steps: tuple[PositiveInt, ...] = Field(max_length=20)
    warmup: int = Field(default=0, ge=0)

    @field_validator("steps")
    @classmethod
    def _steps_rise(cls, steps: tuple[int, ...]) -> tuple[int, ...]:
        if not steps or any(later <= earlier for earlier, later in pairwise(steps)):
            raise ValueError("list one step or more, in rising order, each once, like [160, 180]")
        return steps

    def factor(self, iteration: float, iterations: int) -> float:
        """See `Inv.factor`; the first iteration at or after a step already has the lower rate."""
        iteration += 1e-9  # a budget scales the iteration, which may miss a step by a rounding error
        rising = min(1, (int(iteration) + 1) / self.warmup) if self.warmup else 1
        return float(rising * self.gamma ** sum(iteration >= step for step in self.steps))


class Poly(Strict):
    """Caffe's "poly" policy: (1 - t / T)^power; power 1 is a linear decay to zero."""

    name: Literal["poly"]
    power: float = Field(ge=0, le=10)

    def factor(self, iteration: float, iterations: int) -> float:
        """See `Inv.factor`."""
        return float((1 - iteration / iterations) ** self.power)


Policy = Annotated[Inv | Multistep | Poly, Field(discriminator="name")]


class CaffeMomentum(Strict):
    """Caffe's SGD with momentum; `bias_lr` multiplies the rate of biases, and all parameters decay."""

    name: Literal["caffe_sgd"]
    momentum: float = Field(ge=0, lt=1)
    weight_decay: float = Field(ge=0, le=1)
    bias_lr: float = Field(ge=0.001, le=1000)


class Momentum(Strict):
    """torch's SGD with momentum, whose momentum buffer does not contain the learning rates of the past."""

    name: Literal["sgd"]
    momentum: float = Field(ge=0, lt=1)
    weight_decay: float = Field(ge=0, le=1)
    nesterov: bool = False

    @model_validator(mode="after")
    def _nesterov_has_a_momentum(self) -> Self:
        if self.nesterov and not self.momentum:
            raise ValueError("`nesterov: true` needs a `momentum` above 0, such as 0.9")
        return self


class AdaptiveMoments(Strict):
    """Adam (Kingma & Ba 2015) with its usual constants."""

    beta1: ClassVar[float] = 0.9
    beta2: ClassVar[float] = 0.999
    epsilon: ClassVar[float] = 1e-8

    name: Literal["adam"]
    weight_decay: float = Field(default=0, ge=0, le=1)


Solver = Annotated[CaffeMomentum | Momentum | AdaptiveMoments, Field(discriminator="name")]


def _listed(rates: Any) -> Any:
    """Return a single rate as a tuple, and a list of rates as one."""
    return tuple(rates) if isinstance(rates, list | tuple) else (rates,)


class Recipe(Strict):
    """The recipe of a network on a data set: inputs, length, learning-rate policy, solver, augmentation.

    The published length is given in `iterations`, or in `epochs` of the whole training set, and the steps of
    the policy in the same unit; the parameter `budget` scales both. An iteration takes the mean gradient of
    `iter_size` mini-batches. Several rates in `base_lr`, or several `repeats`, make a search, of which the
    best network is kept. `up_to` is the largest image side for which `network: auto` chooses the network.
    `pretrained` says which weights a network of torchvision starts from: "none", "imagenet", or a file's. A
    dump has the file's name alone, and no recipe of random weights mentions them.
    """

    inputs: Inputs
    batch: int = Field(ge=1, le=LARGEST_BATCH)
    iter_size: int = Field(default=1, ge=1, le=1000)
    iterations: int | None = Field(default=None, ge=1, le=10_000_000)
    epochs: int | None = Field(default=None, ge=1, le=100_000)
    base_lr: Annotated[tuple[Rate, ...], BeforeValidator(_listed), Field(min_length=1, max_length=100)]
    repeats: int = Field(default=1, ge=1, le=100)
    policy: Policy
    solver: Solver
    augmentation: Augmentation | None = None
    up_to: int | None = Field(default=None, ge=1)
    pretrained: str = Field(default=RANDOM, min_length=1, exclude_if=lambda source: source == RANDOM)

    @field_serializer("pretrained")
    def _is_named_without_its_folder(self, source: str) -> str:
        return Path(source).name

    @field_validator("base_lr")
    @classmethod
    def _rates_differ(cls, rates: tuple[float, ...]) -> tuple[float, ...]:
        if len(set(rates)) < len(rates):
            raise ValueError("list each rate once; `repeats` tries each of them several times")
        return rates

    @model_validator(mode="after")
    def _has_one_length(self) -> Self:
        if (self.iterations is None) == (self.epochs is None):
            raise ValueError("give either `iterations` or `epochs`")
        return self

    @model_validator(mode="after")
    def _reaches_every_step(self) -> Self:
        length, unit = (self.iterations, "iterations") if self.iterations else (self.epochs or 0, "epochs")
        if isinstance(self.policy, Multistep) and max(*self.policy.steps, self.policy.warmup) >= length:
            raise ValueError(
                f"the policy's steps and warm-up must come before the end, which is after {length} {unit}; "
                "to shorten a run, lower `budget`, which moves the steps, too"
            )
        return self

    @property
    def is_pretrained(self) -> bool:
        """Whether the network's features start from pretrained weights."""
        return self.pretrained != RANDOM

    @property
    def searches(self) -> bool:
        """Whether the recipe is a search: several networks are trained, of which one is kept."""
        return len(self.base_lr) * self.repeats > 1

    def held_out(self, own: float, of_search: float) -> float:
        """Return the fraction of images that is held out: the method's `own`, or else that of a search."""
        return own or (of_search if self.searches else 0)

    def iterations_within(self, budget: float, images: int) -> int:
        """Return the number of iterations in the fraction `budget` of the published length, for `images`.

        Raises `InputError` if there would be none.
        """
        of_an_epoch = math.ceil(images / (self.batch * self.iter_size))
        length = self.iterations or (self.epochs or 0) * of_an_epoch
        if not round(budget * length):
            raise InputError(
                f"budget = {budget:g} leaves none of the {length} iterations; give {1 / length:.2g} or more"
            )
        return round(budget * length)

    def with_rate(self, base_lr: float) -> "Recipe":
        """Return this recipe with a single base rate, without a search."""
        return self.model_copy(update={"base_lr": (base_lr,), "repeats": 1})

    def learning_rate(self, iteration: int, iterations: int) -> float:
        """Return the learning rate of an iteration (0-based) of `iterations`, by the first base rate."""
        return self.base_lr[0] * self.factor(iteration, iterations)

    def factor(self, iteration: int, iterations: int) -> float:
        """Return the learning rate relative to the base rate, with the policy scaled to the run's length."""
        length = self.iterations or self.epochs or 0
        return self.policy.factor(iteration * length / iterations, length)
