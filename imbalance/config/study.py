"""The parameters of a study, by condition.

A study's params.yaml is that of a run with a block `study`, and with lists of values. All conditions of a
network share their initial weights.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from imbalance.catalogue import suggestion
from imbalance.config.conditions import (
    VARIED,
    Beside,
    Block,
    Values,
    check_networks,
    grid,
    methods_of,
    name_of,
    parsed,
)
from imbalance.config.loader import load
from imbalance.config.parameters import Params
from imbalance.config.sentences import sentence
from imbalance.errors import InputError

# The user's own files, by data set: the block of parameters that names them, and its key.
OWN_FILES = {"image_folder": ("image_folder", "root"), "csv": ("csv", "file")}
PARAMS = Path("params.yaml")


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
    def networks(self) -> dict[str, Params]:
        """The parameters of each network's first condition, by its name there, or "" if there is one."""
        first: dict[str, Params] = {}
        for condition, params in self.conditions.items():
            first.setdefault(self.network_in(condition), params)
        return first

    def network_in(self, condition: str) -> str:
        """Return the network in the name of a condition, "" if the study has one network."""
        return str(self.given[condition].get("network", ""))

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
        given = {name_of(own): own for own in grid(raw, dimensions)}
        if "network" in dimensions:
            check_networks(raw["network"], block)
    except ValidationError as error:
        inside = [details | {"loc": ("study", *details["loc"])} for details in error.errors()]
        raise _invalid(file, [sentence(details, raw) for details in inside]) from error
    except ValueError as error:
        raise _invalid(file, [f"{error}."]) from error
    parameters = {name: common | own for name, own in given.items()}
    problems = []
    for group, beside in block.beside.items():
        try:
            methods = methods_of(raw, group, beside.methods)
            for text in beside.conditions:
                own = parsed(text, group, dimensions)
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
