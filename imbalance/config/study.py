"""The conditions of a study: a grid over lists of values in its params.yaml, and further ones beside it.

A study's params.yaml is that of a run with a block `study`. A parameter of `VARIED` that is a list there is a
dimension of the grid. A condition is named by its values, such as "rho=100,mu=0.5".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, ValidationError

from imbalance.catalogue import suggestion
from imbalance.config.loader import Loader, load
from imbalance.config.parameters import Params
from imbalance.config.sentences import sentence
from imbalance.errors import InputError
from imbalance.strict import Strict, shown

# The parameters that may differ between the conditions of a study, in the order of their names.
VARIED = ("imbalance", "rho", "mu", "n_max", "minority", "budget", "validation")
Values = dict[str, Any]
PARAMS = Path("params.yaml")


class Beside(Strict):
    """Conditions beside the grid, by name, and the methods that are trained in them (none: all)."""

    conditions: tuple[str, ...]
    methods: tuple[str, ...] = ()


class Block(Strict):
    """The block `study` of params.yaml: conditions beside the grid, and what each scale replaces."""

    beside: dict[str, Beside] = Field(default_factory=dict)
    scales: dict[str, dict[str, Any]] = Field(default_factory=dict)


@dataclass(frozen=True)
class Study:
    """The parameters of every condition, by its name; a single run is a study of one, without a name.

    `given` are the values that its name gives; `dimensions` are the parameters over which the grid extends,
    `beside` the groups of other conditions.
    """

    conditions: dict[str, Params]
    given: dict[str, Values]
    dimensions: tuple[str, ...]
    beside: dict[str, Beside]

    @property
    def common(self) -> Params:
        """The parameters of the first condition; those that are not in `VARIED` are the same in all."""
        return next(iter(self.conditions.values()))

    def at(self, condition: str) -> Params:
        """Return the parameters of a condition; raises `InputError` if the study has none of this name."""
        if condition not in self.conditions:
            if not self.dimensions:
                raise InputError(f"params.yaml is that of a single run, without a condition '{condition}'.")
            choices = suggestion(condition, self.conditions)
            raise InputError(f"params.yaml has no condition '{condition}'; {choices}")
        return self.conditions[condition]


def load_study(path: Path = PARAMS) -> Study:
    """Read and check the parameters of a study, or of a single run.

    Raises an `InputError` that lists all errors, each with the condition at which it occurs.
    """
    raw = load(path)
    if "study" not in raw:
        return Study({"": _checked(path, {"": raw})[""]}, {"": {}}, (), {})
    try:
        block = Block.model_validate(raw.pop("study"))
        dimensions = tuple(name for name in VARIED if isinstance(raw.get(name), list))
        values = dict(_named(_grid(raw, dimensions)))
        parameters = {name: raw | own for name, own in values.items()}
        for group, beside in block.beside.items():
            _refuse_bad_name(group)
            methods = _methods(raw, group, beside.methods)
            for name, own in _named(_parsed(text, dimensions) for text in beside.conditions):
                if name in values:
                    raise ValueError(f"study.beside.{group}: the condition {name} is in the study already")
                values[name], parameters[name] = own, raw | own | {"methods": methods}
    except ValidationError as error:
        problems = [sentence(details, {"study": raw}) for details in error.errors()]
        raise InputError("\n  - ".join([f"{path} is not valid in `study`:", *problems])) from error
    except ValueError as error:
        raise InputError(f"{path} is not valid:\n  - {error}.") from error
    return Study(_checked(path, parameters), values, dimensions, block.beside)


def name_of(values: Mapping[str, Any]) -> str:
    """Return the name of a condition, as DVC writes its values.

    >>> name_of({"mu": 0.5, "rho": 100})
    'rho=100,mu=0.5'
    """
    return ",".join(f"{key}={values[key]}" for key in VARIED if key in values)


def _grid(raw: Values, dimensions: tuple[str, ...]) -> Iterator[Values]:
    """Yield the values of each condition of the grid; raises `ValueError` for an empty or repeated one."""
    if not dimensions:
        raise ValueError(
            f"a study needs a list of values for one of {', '.join(VARIED)}, such as rho: [10, 100]"
        )
    for name in dimensions:
        listed = raw[name]
        if not listed:
            raise ValueError(f"{name}: the list is empty; give at least one value")
        if repeated := [value for index, value in enumerate(listed) if value in listed[:index]]:
            raise ValueError(f"{name}: {shown(repeated[0])} is listed twice; keep one")
    for values in product(*(raw[name] for name in dimensions)):
        yield dict(zip(dimensions, values, strict=True))


def _named(conditions: Iterator[Values]) -> Iterator[tuple[str, Values]]:
    return ((name_of(values), values) for values in conditions)


def _parsed(text: str, dimensions: tuple[str, ...]) -> Values:
    """Return the values of a condition from its name; raises `ValueError` if it is not written as such."""
    values: Values = {}
    for part in text.split(","):
        key, equals, value = part.partition("=")
        if key not in VARIED or not equals:
            raise ValueError(
                f"'{text}' names no condition: '{part}' must give a value to one of {', '.join(VARIED)}"
            )
        try:
            values[key] = yaml.load(value, Loader)  # noqa: S506 (a safe loader)
        except yaml.YAMLError as error:
            raise ValueError(f"'{text}' names no condition: the value of {key} cannot be read") from error
    if missing := [name for name in dimensions if name not in values]:
        raise ValueError(f"the condition '{text}' says nothing of {missing[0]}, a dimension of the grid")
    if text != (name := name_of(values)):
        raise ValueError(f"the condition '{text}' must be written {name}")
    return values


def _methods(raw: Values, group: str, chosen: tuple[str, ...]) -> Values:
    """Return the blocks of the chosen methods, or of all if none is chosen."""
    blocks = raw.get("methods")
    if not chosen or not isinstance(blocks, dict):
        return blocks  # type: ignore[return-value]
    for key in chosen:
        if key not in blocks:
            raise ValueError(f"study.beside.{group}.methods: no method '{key}'; {suggestion(key, blocks)}")
    return {key: blocks[key] for key in chosen}


def _refuse_bad_name(group: str) -> None:
    if not (group.isidentifier() and group.isascii() and group.islower()):
        raise ValueError(f"study.beside: '{group}' cannot name stages; use lower-case letters, digits and _")


def _checked(path: Path, parameters: Mapping[str, Values]) -> dict[str, Params]:
    """Validate the parameters of every condition; an error that all have is given once, without any."""
    valid: dict[str, Params] = {}
    found: dict[str, list[str]] = {}
    for name, raw in parameters.items():
        try:
            valid[name] = Params.model_validate(raw)
        except ValidationError as error:
            for details in error.errors():
                found.setdefault(sentence(details, raw), []).append(name)
    if found:
        raise InputError("\n".join([f"{path} is not valid:", *_listed(found, len(parameters))]))
    return valid


def _listed(found: Mapping[str, list[str]], conditions: int) -> Iterator[str]:
    """Yield a line for each problem, with the first condition that has it unless all have it."""
    for problem, names in found.items():
        where = "" if len(names) == conditions else f"at {names[0]}: "
        more = f" ({len(names)} conditions)" if where and len(names) > 1 else ""
        yield f"  - {where}{problem}{more}"
