"""The conditions of a study: a grid over lists of values in its params.yaml, and further ones beside it.

A study's params.yaml is that of a run with a block `study`. A parameter of `VARIED` that is a list there is a
dimension of the grid. A condition is named by its values, such as "rho=100,mu=0.5".
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
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
from imbalance.strict import UNSEEN, Strict, shown

# The parameters that may differ between the conditions of a study, in the order of their names.
VARIED = ("imbalance", "rho", "mu", "n_max", "minority", "budget", "validation", "seed")
# The user's own files, by data set: the block of parameters that names them, and its key.
OWN_FILES = {"image_folder": ("image_folder", "root"), "csv": ("csv", "file")}
MOST = 1000  # conditions; every stage reads and checks them all
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

    @property
    def is_advised(self) -> bool:
        """Whether it is of the user's own data at one condition, and so ends with the stage `advise`."""
        return self.common.dataset in OWN_FILES and bool(self.dimensions) and len(self.conditions) == 1

    @property
    def separates_sources(self) -> bool:
        """Whether its grid is the design of imbalance/studies/variance.py, which separates sources."""
        drawn = [{values.get(name) for values in self.grid} for name in ("minority", "seed")]
        return (
            set(self.dimensions) == {"minority", "seed"}
            and all(isinstance(number, int) for number in drawn[0])
            and min(*map(len, drawn), self.common.replicates) > 1
            and self.common.shared == "subset"
        )

    @property
    def grid(self) -> list[Values]:
        """The values of each condition of the grid, without those beside it."""
        beside = {name for group in self.beside.values() for name in group.conditions}
        return [values for name, values in self.given.items() if name not in beside]

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
    return study_of(load(path), str(path))


def study_of(raw: Values, file: str) -> Study:
    """Return the study of the parameters in a file; raises `InputError` as `load_study` does."""
    if "study" not in raw:
        return Study(_checked(file, {"": raw}), {"": {}}, (), {})
    common = {key: value for key, value in raw.items() if key != "study"}
    try:
        block = Block.model_validate(raw["study"])
        dimensions = tuple(name for name in VARIED if isinstance(raw.get(name), list))
        given = {name_of(own): own for own in _grid(raw, dimensions)}
    except ValidationError as error:
        inside = [details | {"loc": ("study", *details["loc"])} for details in error.errors()]
        raise _invalid(file, [sentence(details, raw) for details in inside]) from error
    except ValueError as error:
        raise _invalid(file, [f"{error}."]) from error
    parameters = {name: common | own for name, own in given.items()}
    problems = []
    for group, beside in block.beside.items():
        try:
            methods = _methods(raw, group, beside.methods)
            for text in beside.conditions:
                own = _parsed(text, group, dimensions)
                if own in given.values():  # 10 is 10.0, so that names may differ
                    raise ValueError(f"study.beside.{group}: the condition {text} is in the study already")
                given[text], parameters[text] = own, common | own | {"methods": methods}
        except ValueError as error:
            problems.append(f"{str(error).removesuffix('.')}.")
    if problems:
        raise _invalid(file, problems)
    study = Study(_checked(file, parameters), given, dimensions, block.beside)
    if study.common.overlap and len(study.conditions) > 1:
        problem = "image_folder.splits: a study of several conditions has one test set; set it to one."
        raise _invalid(file, [problem])
    return study


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


def _parsed(text: str, group: str, dimensions: tuple[str, ...]) -> Values:
    """Return the values of a condition from its name; raises `ValueError` if it is not written as such."""
    where, values = f"study.beside.{group}.conditions: '{text}'", Values()
    for part in text.split(","):
        key, equals, value = part.strip().partition("=")
        if key not in VARIED or not equals:
            raise ValueError(
                f"{where} is no condition: '{part}' must give a value to one of {', '.join(VARIED)}"
            )
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


def _methods(raw: Values, group: str, chosen: tuple[str, ...]) -> Any:
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
        if start in blocks and start not in chosen:
            raise ValueError(f"{where}: {key} starts from {start}, which is not listed; add it")
    if "baseline" in blocks and "baseline" not in chosen:
        raise ValueError(f"{where}: add baseline, which the others are compared with")
    return {key: blocks[key] for key in chosen}


def _checked(file: str, parameters: Mapping[str, Values]) -> dict[str, Params]:
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
        raise _invalid(file, _listed(found, len(parameters)))
    return valid


def _listed(found: Mapping[str, list[str]], conditions: int) -> Iterator[str]:
    """Yield each problem, with the first condition that has it unless all have it."""
    for problem, names in found.items():
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        yield problem if len(names) == conditions else f"at {names[0]}{more}: {problem}"


def _invalid(file: str, problems: Iterable[str]) -> InputError:
    """Return the error that lists the problems of a file."""
    return InputError("\n  - ".join([f"{file} is not valid:", *problems]))
