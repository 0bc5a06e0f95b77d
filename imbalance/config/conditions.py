"""The conditions of a study by name: a grid over the lists in its params.yaml, and further ones beside it.

A parameter of `VARIED` that is a list is a dimension of the grid. A condition is named by its values, such as
"rho=100,mu=0.5".
"""

import math
import re
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import yaml
from pydantic import Field

from imbalance.catalogue import suggestion
from imbalance.config.loader import Loader
from imbalance.config.parameters import AUTO
from imbalance.strict import UNSEEN, Strict, shown

# The parameters that may differ between the conditions of a study, in the order of their names.
VARIED = ("network", "imbalance", "rho", "mu", "n_max", "minority", "budget", "validation", "seed")
MOST = 1000  # conditions; every stage reads and checks them all
Values = dict[str, Any]


class Beside(Strict):
    """Conditions beside the grid, by name, and the methods that are trained in them (none: all)."""

    conditions: tuple[str, ...]
    methods: tuple[str, ...] = ()


class Block(Strict):
    """The block `study` of params.yaml: conditions beside the grid, and what each scale replaces."""

    beside: dict[str, Beside] = Field(default_factory=dict)
    scales: dict[str, dict[str, Any]] = Field(default_factory=dict)


def name_of(values: Mapping[str, Any]) -> str:
    """Return the name of a condition, as DVC writes its values.

    >>> name_of({"mu": 0.5, "rho": 100})
    'rho=100,mu=0.5'
    """
    return ",".join(f"{key}={values[key]}" for key in VARIED if key in values)


def grid(raw: Values, dimensions: tuple[str, ...]) -> Iterator[Values]:
    """Yield the values of each condition of the grid; raises `ValueError` for an empty or repeated one."""
    if not dimensions:
        raise ValueError(
            f"study: there must be a list of values for one of {', '.join(VARIED)}, such as rho: [10, 100]"
        )
    for name in dimensions:
        listed = raw[name]
        if not listed:
            raise ValueError(f"{name}: the list is empty; give at least one value")
        if repeated := [value for index, value in enumerate(listed) if value in listed[:index]]:
            raise ValueError(f"{name}: {shown(repeated[0])} is listed twice; keep one")
    if (conditions := math.prod(len(raw[name]) for name in dimensions)) > MOST:
        raise ValueError(f"the grid has {conditions} conditions, and a study {MOST} at most; shorten a list")
    for values in product(*(raw[name] for name in dimensions)):
        yield dict(zip(dimensions, values, strict=True))


def check_networks(listed: list[Any], block: Block) -> None:
    """Raise `ValueError` for networks whose cells DVC could not tell from those of others."""
    for name in listed:
        if name == AUTO or "/" in str(name):
            raise ValueError(f"network: a list takes networks that the recipes name, not {shown(name)}")
    if block.beside:
        raise ValueError("study.beside: a study with a list of networks has none; put them in the grid")


def parsed(text: str, group: str, dimensions: tuple[str, ...]) -> Values:
    """Return the values of a condition from its name; raises `ValueError` if it is not written as such."""
    where, values = f"study.beside.{group}.conditions: '{text}'", Values()
    for part in text.split(","):
        key, equals, value = part.strip().partition("=")
        if key not in VARIED or not equals:
            raise ValueError(
                f"{where} is no condition: '{part}' must give a value to one of {', '.join(VARIED)}"
            )
        if key == "network":
            raise ValueError(f"{where} names a network, which only the grid's conditions do; leave it out")
        if key in values:
            raise ValueError(f"{where} gives {key} twice; keep one")
        values[key] = _value(value)
        if isinstance(values[key], bool) or not isinstance(values[key], int | float | str):
            raise ValueError(f"{where} is no condition: '{part}' must give {key} a number or a word")
    if missing := [name for name in dimensions if name not in values]:
        raise ValueError(f"{where} says nothing of {missing[0]}, a dimension of the grid; add {missing[0]}=")
    if text != (name := name_of(values)):
        raise ValueError(f"{where} must be written {name}")
    return values


def _value(text: str) -> Any:
    """Return a value as it would be read from params.yaml, or None if it cannot be."""
    try:
        return Loader(text).get_single_data()
    except yaml.YAMLError:
        return None


def methods_of(raw: Values, group: str, chosen: tuple[str, ...]) -> Any:
    """Return the blocks of a group's methods, all if none is chosen; raises `ValueError` if one cannot be."""
    where, blocks = f"study.beside.{group}.methods", raw.get("methods")
    if not re.fullmatch("[a-z][a-z0-9_]*", group) or group in UNSEEN:
        raise ValueError(f"study.beside: '{group}' cannot name stages; use lower-case letters, digits and _")
    if not chosen or not isinstance(blocks, dict):
        return blocks
    for index, key in enumerate(chosen):
        if key not in blocks:
            raise ValueError(f"{where}: no method '{key}'; {suggestion(key, map(str, blocks))}")
        if key in chosen[:index]:
            raise ValueError(f"{where}: {key} is listed twice; keep one")
        start = blocks[key].get("start") if isinstance(blocks[key], dict) else None
        if isinstance(start, str) and start in blocks and start not in chosen:
            raise ValueError(f"{where}: {key} starts from {start}, which is not listed; add it")
    if "baseline" in blocks and "baseline" not in chosen:
        raise ValueError(f"{where}: add baseline, which the others are compared with")
    return {key: blocks[key] for key in chosen}
