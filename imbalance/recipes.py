"""Recipes: how a network is trained on a data set (Buda et al. 2018, §3.3), in Caffe's terms."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from imbalance.catalogue import suggestion


class Strict(BaseModel):
    """Parameters: immutable, no unknown keys, no infinities, no `true` for 1, lists become tuples."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _knows_every_key(cls, values: Any) -> Any:
        for key in values if isinstance(values, dict) else ():
            if key not in cls.model_fields:
                raise ValueError(f"no parameter '{key}'; {suggestion(str(key), cls.model_fields)}")
        return values

    @model_validator(mode="before")
    @classmethod
    def _takes_no_truth_for_a_number(cls, values: Any) -> Any:
        numbers = {key for key, field in cls.model_fields.items() if field.annotation is not bool}
        for key, value in values.items() if isinstance(values, dict) else ():
            parts = value if isinstance(value, list | tuple) else [value]
            if key in numbers and any(isinstance(part, bool) for part in parts):
                raise ValueError(f"{key} = {str(value).lower()}: neither true nor false is meant here")
        return values


class Inv(Strict):
    """Caffe's "inv" policy: (1 + gamma * t)^-power."""

    name: Literal["inv"]
    gamma: float = Field(ge=0)
    power: float = Field(ge=0)

    def factor(self, iteration: float, iterations: int) -> float:
        """The learning rate after `iteration` of `iterations` updates, relative to the base rate."""
        return float((1 + self.gamma * iteration) ** -self.power)


class Multistep(Strict):
    """Caffe's "multistep" policy: times gamma at every step reached."""

    name: Literal["multistep"]
    gamma: float = Field(gt=0)
    steps: tuple[int, ...]

    def factor(self, iteration: float, iterations: int) -> float:
        """See `Inv.factor`; the first iteration at or after a step already has the lower rate."""
        return float(self.gamma ** sum(iteration >= step for step in self.steps))


class Poly(Strict):
    """Caffe's "poly" policy: (1 - t / T)^power; power 1 is a linear decay to zero."""

    name: Literal["poly"]
    power: float = Field(ge=0)

    def factor(self, iteration: float, iterations: int) -> float:
        """See `Inv.factor`."""
        return float((1 - iteration / iterations) ** self.power)


Policy = Annotated[Inv | Multistep | Poly, Field(discriminator="name")]


class Recipe(Strict):
    """One data set's network and solver. `iterations` is the published number; `budget` scales it."""

    network: str
    batch: int = Field(ge=1)
    iterations: int = Field(ge=1)
    base_lr: float = Field(gt=0)
    policy: Policy
    momentum: float = Field(ge=0, lt=1)
    weight_decay: float = Field(ge=0)
    bias_lr: float = Field(gt=0)

    def iterations_within(self, budget: float) -> int:
        """How many iterations a run makes that spends the fraction `budget` of the published number."""
        return max(1, round(budget * self.iterations))

    def learning_rate(self, iteration: int, iterations: int) -> float:
        """The rate of an iteration (0-based) in a run of `iterations`, the policy stretched over the run."""
        position = iteration * self.iterations / iterations
        return self.base_lr * self.policy.factor(position, self.iterations)
