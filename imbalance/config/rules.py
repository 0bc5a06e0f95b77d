"""The parameters of decisions, and what the rules need: shares of classes, two classes, held-out images."""

from collections.abc import Collection, Mapping, Sequence
from math import isclose
from typing import Self

from pydantic import Field, field_validator, model_validator

from imbalance.catalogue import suggestion
from imbalance.config.starts import chain
from imbalance.errors import InputError
from imbalance.evaluation.decisions import Rule
from imbalance.evaluation.working_points import Shares, TwoClasses
from imbalance.methods.baseline import Baseline
from imbalance.strict import Strict


class Decisions(Strict):
    """The part of a run's parameters by which evaluation decides; nothing is trained by them."""

    rules: tuple[Rule, ...]
    tau: float = Field(ge=0, le=10)
    deployment: Shares | None = None
    two_classes: TwoClasses = TwoClasses()

    @field_validator("rules")
    @classmethod
    def _rules_include_argmax(cls, rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
        if "argmax" not in rules or len(set(rules)) < len(rules):
            raise ValueError("list `argmax`, which the others are compared with, and each rule once")
        return rules

    @field_validator("deployment")
    @classmethod
    def _shares_are_a_whole(cls, shares: Shares | None) -> Shares | None:
        if shares is not None and not isclose(total := sum(shares.values()), 1, abs_tol=1e-6):
            raise ValueError(f"the shares of the classes add up to {total:g}; let them add up to 1")
        return shares

    @model_validator(mode="after")
    def _shares_are_stated_once(self) -> Self:
        if "deployment" in self.rules and self.deployment is None:
            raise ValueError(
                "rules: deployment needs the shares of the classes where the networks will be used; "
                "state them, like `deployment: {cat: 0.98, dog: 0.02}`"
            )
        if self.deployment is not None and self.two_classes.prevalence is not None:
            raise ValueError("two_classes.prevalence and deployment state the same thing; drop one of them")
        return self


def check_classes(params: Decisions, classes: Sequence[str]) -> None:
    """Raise an `InputError` if the parameters do not suit the classes, which only the data may tell."""
    positive, shares = params.two_classes.positive, params.deployment or {}
    if "threshold" in params.rules and len(classes) != 2:
        raise InputError(f"rules: threshold is for two classes, and there are {len(classes)}; drop the rule.")
    if positive is not None and len(classes) != 2:
        raise InputError(
            f"two_classes.positive is one of two classes, and there are {len(classes)}; write null."
        )
    named = dict.fromkeys(shares, "deployment")
    named |= {} if positive is None else {positive: "two_classes.positive"}
    for name, where in named.items():
        if name not in classes:
            raise InputError(f"{where}: no class '{name}'; {suggestion(name, classes)}")
    if shares and (missing := [name for name in classes if name not in shares]):
        raise InputError(f"deployment: the class '{missing[0]}' has no share; add it.")


def check_held_out(
    rules: Collection[Rule], methods: Mapping[str, Baseline], fractions: Mapping[str, float], searches: bool
) -> None:
    """Raise a `ValueError` if a rule lacks held-out images, or would learn from some that a start has seen.

    `fractions` are those of the images that each method holds out, by key. A threshold needs them; the rule
    deployment calibrates networks of two classes on them, if there are any.
    """
    if not {"threshold", "deployment"}.intersection(rules):
        return
    learned = "the threshold" if "threshold" in rules else "the calibration (rule deployment, two classes)"
    for key, fraction in fractions.items():
        if not fraction and "threshold" in rules:
            give = "set `validation` to 0.1" if searches else f"give methods.{key} `validation: 0.2`"
            raise ValueError(
                f"rules: threshold is chosen on held-out training images, and methods.{key} holds out none; "
                f"{give}, or drop the rule"
            )
        for start in chain(key, methods)[1:]:
            if fraction and fractions[start] != fraction:
                raise ValueError(
                    f"rules: {learned} of methods.{key} would be chosen on images that {start} is "
                    f"trained on; give {start} the same `validation: {fraction:g}`"
                )
