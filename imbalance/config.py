"""`params.yaml`, checked strictly: an unknown key or a bad value ends the run before anything is computed."""

import math
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails

from imbalance import catalogue, methods, networks
from imbalance.catalogue import suggestion
from imbalance.datasets import NAMES
from imbalance.decisions import Rule
from imbalance.devices import Device, Precision
from imbalance.errors import InputError
from imbalance.image_folder import Bits, Color
from imbalance.methods.baseline import Baseline, Head
from imbalance.profiles import Imbalance, Minority
from imbalance.recipes import Recipe
from imbalance.search import Protocol
from imbalance.strict import UNSEEN, Strict

AUTO = "auto"


class ImageFolder(Strict):
    """Where the user's own images are, and what is made of them."""

    root: str = Field(min_length=1)
    pixels: int = Field(ge=1)
    color: Color
    bits: Bits
    test_fraction: float = Field(gt=0, lt=1)

    @field_validator("root")
    @classmethod
    def _root_is_one_that_dvc_finds(cls, root: str) -> str:
        if root.startswith("~"):
            raise ValueError(f"DVC takes ~ for a folder of that name; write {Path(root).expanduser()}")
        return root

    @field_validator("bits", mode="before")
    @classmethod
    def _bits_are_of_a_16_bit_file(cls, bits: Any) -> Any:
        if bits not in (AUTO, *range(8, 17)):
            raise ValueError(f"no number of bits '{bits}'; choose auto, or 8 to 16")
        return bits


class Params(Strict):
    """The parameters of a run; `params.yaml` explains each."""

    dataset: str
    image_folder: ImageFolder
    imbalance: Imbalance
    rho: float = Field(ge=1)
    mu: float = Field(gt=0, lt=1)
    counts: tuple[int, ...]
    n_max: int = Field(ge=1)
    minority: Minority
    replicates: int = Field(ge=1)
    seed: int = Field(ge=0)
    reproducible: bool
    device: Device
    precision: Precision
    fleet: int = Field(ge=1)
    processes: int = Field(ge=1)
    network: str
    budget: float = Field(gt=0, le=1)
    protocol: Protocol
    validation: float = Field(ge=0, lt=1)
    rules: tuple[Rule, ...]
    tau: float
    recipes: dict[str, dict[str, Recipe]]
    methods: dict[str, Baseline]

    @property
    def architecture(self) -> str:
        """The network of the run: the one that is named, or the first of those made for the smallest images.

        `up_to` of a recipe is the side of the largest; one without it takes images of any size.
        """
        if self.network != AUTO:
            return self.network
        side = self.image_folder.pixels
        limits = {name: recipe.up_to or math.inf for name, recipe in self.recipes[self.dataset].items()}
        return min(limits, key=lambda name: (limits[name] < side, limits[name]))

    @property
    def recipe(self) -> Recipe:
        """How the run's network is trained on its data set."""
        return self.recipes[self.dataset][self.architecture]

    @field_validator("rules")
    @classmethod
    def _rules_include_argmax(cls, rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
        if "argmax" not in rules or len(set(rules)) < len(rules):
            raise ValueError("list `argmax`, which the others are compared with, and each rule once")
        return rules

    @field_validator("recipes", "methods", mode="before")
    @classmethod
    def _dvc_sees_every_key(cls, blocks: Any) -> Any:
        if isinstance(blocks, dict):
            inside = (key for block in blocks.values() if isinstance(block, dict) for key in block)
            for key in (key for key in (*blocks, *inside) if key in UNSEEN):
                raise ValueError(
                    f"'{key}' is a name that DVC's run-cache takes no notice of, so that changes below it "
                    "would be lost; choose another"
                )
        return blocks

    @field_validator("recipes")
    @classmethod
    def _networks_exist(cls, recipes: dict[str, dict[str, Recipe]]) -> dict[str, dict[str, Recipe]]:
        for network in (network for of_dataset in recipes.values() for network in of_dataset):
            catalogue.check(networks, network)
        return recipes

    @field_validator("methods")
    @classmethod
    def _starts_lead_to_initial(cls, blocks: dict[str, Baseline]) -> dict[str, Baseline]:
        if "baseline" not in blocks:
            raise ValueError("`baseline` is missing; every other method is compared with it")
        for key in blocks:
            if key == "initial" or not re.fullmatch(r"[a-z][a-z0-9_]*", key):
                raise ValueError(
                    f"'{key}' cannot name a method; use lower-case letters, digits, _ (and not 'initial')"
                )
            chain = [key]
            while (start := blocks[chain[-1]].start) != "initial":
                if start not in blocks:
                    raise ValueError(
                        f"{chain[-1]}.start: no method '{start}'; {suggestion(start, ['initial', *blocks])}"
                    )
                if start in chain:
                    raise ValueError(
                        f"the methods {' <- '.join([*chain, start])} start from each other in a circle"
                    )
                chain.append(start)
            _refuse_heads(chain, blocks)
        return blocks

    @model_validator(mode="after")
    def _dataset_is_known_and_has_a_recipe(self) -> Self:
        if self.dataset not in NAMES:
            raise ValueError(f"no dataset '{self.dataset}'; {suggestion(self.dataset, NAMES)}")
        if not self.recipes.get(self.dataset):
            raise ValueError(f"`recipes` has none for dataset '{self.dataset}'")
        if self.architecture not in (known := self.recipes[self.dataset]):
            choices = suggestion(self.network, [AUTO, *known])
            raise ValueError(f"`recipes.{self.dataset}` has no network '{self.network}'; {choices}")
        return self

    @model_validator(mode="after")
    def _precision_suits_the_device(self) -> Self:
        if self.precision == "tf32" and self.device == "cpu":
            raise ValueError("precision tf32 is one of GPUs; choose float32 or bfloat16, or device: cuda")
        return self

    @model_validator(mode="after")
    def _processes_share_an_iteration(self) -> Self:
        if self.recipe.iter_size % self.processes:
            raise ValueError(
                f"{self.processes} processes cannot share the {self.recipe.iter_size} batches of an "
                "iteration (iter_size of the recipe); choose a number of `processes` that divides it"
            )
        return self

    @model_validator(mode="after")
    def _methods_suit_the_network(self) -> Self:
        needing = [key for key, method in self.methods.items() if method.needs_linear_classifier]
        if needing and not networks.is_linear(self.architecture):
            raise ValueError(
                f"methods.{needing[0]} needs a linear classifier, and {self.architecture}'s is none; "
                "choose another network or method"
            )
        return self

    @model_validator(mode="after")
    def _nothing_is_chosen_on_what_was_trained_on(self) -> Self:
        searches = self.recipe.searches
        if searches and self.protocol == "clean" and not self.validation:
            raise ValueError(
                "protocol clean chooses by held-out data: `validation` must be above 0, such as 0.1"
            )
        fractions = {
            key: self.recipe.held_out(method.validation, self.validation)
            for key, method in self.methods.items()
        }
        for key, method in self.methods.items():
            start = method.start
            while start != "initial" and (method.tunes or searches):
                if fractions[start] != fractions[key]:
                    raise ValueError(
                        f"{key} would tune on data that {start} is trained on; "
                        f"give {start} the same `validation: {fractions[key]:g}`"
                    )
                start = self.methods[start].start
        return self

    @model_validator(mode="after")
    def _something_can_be_held_out(self) -> Self:
        tuning = [key for key, method in self.methods.items() if method.tunes]
        if self.imbalance == "counts" and tuning and sum(count > 1 for count in self.counts) < 2:
            raise ValueError(
                f"methods.{tuning[0]} tunes on held-out images, which needs two classes with two images "
                "each; raise `counts`, or drop the method"
            )
        return self


def _refuse_heads(chain: Sequence[str], blocks: Mapping[str, Baseline]) -> None:
    """Raise where a method cannot go on from the next in its chain; the last starts from `initial`."""
    head: Head = "own"
    for start, key in pairwise(["initial", *reversed(chain)]):
        if head not in blocks[key].goes_on_from:
            raise ValueError(f"{key}.start: '{start}' {_ENDS[head]}")
        head = blocks[key].ends_with(head)


# Why a method cannot go on from what its start ends with, and what to do.
_ENDS: dict[Head, str] = {
    "ensemble": "trains several networks, and a method goes on from one; start from another method, or let "
    "that one train a single network (`fused: false`, `subsets: 1`)",
    "normalised": "ends with a normalised classifier, and this method needs the plain linear one; start from "
    "another method, such as baseline",
    "centers": "ends with centers of classes, which cannot be trained; start from what it starts from itself",
}


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader, which besides refuses what it would take silently, or grow without bound."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):  # aliases of aliases of ...: a few lines, gigabytes of values
            alias = self.peek_event()  # type: ignore[no-untyped-call]
            raise _refused(f"the alias *{alias.anchor} is not taken; write out what it stands for", alias)
        node = super().compose_node(parent, index)
        if isinstance(node, yaml.ScalarNode) and node.tag.endswith(":int") and len(node.value) > 19:
            raise _refused("a number of more than 19 digits is not taken", node)
        pairs = node.value if isinstance(node, yaml.MappingNode) else ()
        seen = set()
        for key in (key for key, _ in pairs if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                raise _refused(f"'{key.value}' is given twice; keep one", key)
            seen.add(key.value)
        return node


def _refused(problem: str, where: Any) -> yaml.MarkedYAMLError:
    """The error of a node or an event that is not taken, with its line."""
    return yaml.MarkedYAMLError(problem=problem, problem_mark=where.start_mark)


def load_params(path: Path = Path("params.yaml")) -> Params:
    """Read and check the parameters; an `InputError` lists all that is wrong, with what is right."""
    try:
        with path.open("rb") as file:
            raw = _Loader(file).get_single_data()
    except Exception as error:  # PyYAML's own, and seen: ValueError, KeyError, AttributeError, RecursionError
        raise InputError(f"{path} cannot be read: {error}") from error
    if not isinstance(raw, dict):
        raise InputError(f"{path} must be a mapping of parameters, like `rho: 50`.")
    problems: list[str] = []
    blocks = raw.get("methods")
    if isinstance(blocks, dict):
        raw["methods"] = {
            key: method for key, block in blocks.items() if (method := _parse_method(key, block, problems))
        }
    try:
        params = Params.model_validate(raw)
    except ValidationError as error:
        problems += [_sentence((), details) for details in error.errors()]
    if problems:
        raise InputError("\n".join([f"{path} is not valid:", *(f"  - {problem}" for problem in problems)]))
    return params


def _parse_method(key: str, block: Any, problems: list[str]) -> Baseline | None:
    """The method of one block, or None and what is wrong with it among the `problems`."""
    if not isinstance(block, dict):
        problems.append(f"methods.{key}: must be a mapping, like {{method: oversampling, start: initial}}")
        return None
    try:
        return methods.parse(block)
    except InputError as error:
        problems.append(f"methods.{key}: {error}")
    except ValidationError as error:
        problems += [_sentence(("methods", key), details) for details in error.errors()]
    return None


def _sentence(prefix: tuple[str, ...], details: ErrorDetails) -> str:
    """What is wrong, where, and what is right."""
    where = ".".join(str(part) for part in (*prefix, *details["loc"]))
    match details["type"]:
        case "missing":
            return f"{where} is missing."
        case "literal_error":
            choices = re.findall(r"'([^']*)'", details["ctx"]["expected"])
            return f"{where}: no '{details['input']}'; {suggestion(str(details['input']), choices)}"
        case "union_tag_invalid":
            choices = re.findall(r"'([^']*)'", details["ctx"]["expected_tags"])
            return f"{where}: no '{details['ctx']['tag']}'; {suggestion(details['ctx']['tag'], choices)}"
        case "value_error":
            message = str(details["ctx"]["error"])
            return f"{where}: {message}" if where else message
        case _:
            return f"{where} = {details['input']!r}: {details['msg'][0].lower()}{details['msg'][1:]}."
