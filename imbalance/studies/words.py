"""Words for the effects of a study, and the differences that most findings are about."""

from collections.abc import Iterable, Mapping
from typing import Any

from imbalance.studies.contrasts import Effect, Source, by_condition
from imbalance.studies.lines import LETTERS

NOTABLE = {"auc": 0.005, "accuracy": 0.02}  # the smallest effects that are called notable
RHO, MU = LETTERS["rho"], LETTERS["mu"]
MINUS = "\N{MINUS SIGN}"
# A method's measure under a rule; no rule changes its AUC.
Column = tuple[str, str, str]
AUC, ACCURACY, THRESHOLDED = ("auc", "any"), ("accuracy", "argmax"), ("accuracy", "prior")


def imbalanced(source: Source) -> Source:
    """Return the measures without those of balanced training sets."""
    return Source(source.measures[source.measures["rho"] > 1], source.at)


def gains(source: Source, one: Column, other: Column, over: tuple[str, ...] = (RHO, MU)) -> dict[Any, Effect]:
    """Return the difference between two columns, paired by replicate, at each condition, by its values."""
    names = {RHO: "rho", MU: "mu"}
    difference = source.of(*one) - source.of(*other)
    found = by_condition(difference.dropna(), [names[letter] for letter in over])
    return {key if len(key) > 1 else key[0]: value for key, value in found.items()}


def scaled(value: Effect, factor: float) -> Effect:
    """Return an effect in other units of its cause."""
    return Effect(value.mean * factor, value.low * factor, value.high * factor, value.n)


def points(value: Effect) -> str:
    """Return an effect in % points with its interval.

    >>> points(Effect(0.0012, -0.0005, 0.0029, 8))
    '+0.12 (−0.05 to +0.29)'
    """
    numbers = (value.mean, value.low, value.high)
    mean, low, high = (f"{100 * number:+.2f}".replace("-", MINUS) for number in numbers)
    return f"{mean} ({low} to {high})"


def decided(value: Effect, above: str, below: str, neither: str) -> str:
    """Return the words for an effect whose interval is above zero, below zero, or neither."""
    return {1: above, -1: below, 0: neither}[value.sign]


def all_decided(values: Iterable[Effect], above: str, below: str, otherwise: str) -> str:
    """Return the words for effects whose intervals are all above zero, or all below it, or otherwise."""
    signs = {value.sign for value in values}
    return above if signs == {1} else below if signs == {-1} else otherwise


def listed(effects: Mapping[float, Effect], letter: str) -> str:
    """Return several effects, each with the value of the parameter at which it is."""
    return "; ".join(f"{points(value)} at {letter} = {key:,g}" for key, value in effects.items())


def counted(effects: Mapping[Any, Effect], above: str, below: str) -> str:
    """Return at how many conditions the interval of an effect is above zero, and below it."""
    signs = [value.sign for value in effects.values()]
    return f"{above} at {signs.count(1)} of {len(signs)} conditions and {below} at {signs.count(-1)}"


def spread(effects: Mapping[tuple[float, ...], Effect]) -> str:
    """Return the smallest and the largest of several effects, each with its condition (ρ, μ)."""
    in_order = sorted(effects.items(), key=lambda item: item[1].mean)
    least, most = (f"{points(value)} at {place(key)}" for key, value in (in_order[0], in_order[-1]))
    return f"from {least}, to {most}"


def place(condition: tuple[float, ...]) -> str:
    """Return a condition in words.

    >>> place((1000.0, 0.5))
    'ρ = 1,000, μ = 0.5'
    """
    return ", ".join(f"{letter} = {value:,g}" for letter, value in zip((RHO, MU), condition, strict=True))


def at_places(effects: Mapping[tuple[float, ...], Effect]) -> str:
    """Return effects in a row, each with its condition (ρ, μ)."""
    return "; ".join(f"{points(value)} at {place(key)}" for key, value in effects.items())


def named(method: str) -> str:
    """Return a method's name in words.

    >>> named("two_phase_over")
    'two phase over'
    """
    return method.replace("_", " ")
