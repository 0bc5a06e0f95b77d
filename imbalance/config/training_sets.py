"""The parameters of training sets: their profile, and the draws of classes, images, weights and batches."""

from typing import Any, Literal, Self, get_args

from pydantic import Field, PositiveInt, field_validator, model_validator

from imbalance.catalogue import suggestion
from imbalance.strict import Strict, shown
from imbalance.subsets.profiles import Imbalance, Minority, Profile, Side

Shared = Literal["nothing", "subset"]


class TrainingSets(Strict):
    """The part of a run's parameters by which subsets are drawn; `seed` also draws weights and batches."""

    imbalance: Imbalance
    rho: float = Field(ge=1)
    mu: float = Field(gt=0, lt=1)
    counts: tuple[PositiveInt, ...]
    n_max: int = Field(ge=1)
    minority: Minority
    shared: Shared = "nothing"
    replicates: int = Field(ge=1, le=10_000)
    seed: int = Field(ge=0)

    @property
    def profile(self) -> Profile:
        """The imbalance profile."""
        return Profile(
            imbalance=self.imbalance,
            rho=self.rho,
            mu=self.mu,
            counts=self.counts,
            n_max=self.n_max,
            minority=self.minority,
        )

    @field_validator("minority", mode="plain")
    @classmethod
    def _minority_is_a_word_or_the_number_of_a_draw(cls, value: Any) -> Minority:
        words = get_args(Side)
        if value in words or (type(value) is int and value >= 0):
            return value
        choices = suggestion(str(value), words).removesuffix(".")
        raise ValueError(f"no {shown(value)}; {choices}; or give the number of a random draw, such as 0")

    @model_validator(mode="after")
    def _no_class_is_empty(self) -> Self:
        if self.profile.has_ranks and self.rho > self.n_max:
            raise ValueError(
                f"rho = {self.rho:g} leaves a class empty: the largest class has n_max = {self.n_max} images "
                f"at most; choose rho from 1 to {self.n_max}"
            )
        return self
