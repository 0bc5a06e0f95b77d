"""`params.yaml`, checked strictly: an unknown key or a bad value ends the run before anything is computed."""

import math
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Self

import yaml
from pydantic import BeforeValidator, Field, PositiveInt, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails

from imbalance import catalogue, methods, networks
from imbalance.catalogue import suggestion
from imbalance.datasets.image_folder import Bits, Color
from imbalance.datasets.known import NAMES
from imbalance.errors import InputError
from imbalance.evaluation.decisions import Rule
from imbalance.methods.baseline import Baseline, Head
from imbalance.strict import UNSEEN, Strict, shown
from imbalance.subsets.profiles import Imbalance, Minority, Profile
from imbalance.training.devices import Device, Precision
from imbalance.training.recipes import Recipe
from imbalance.training.search import Protocol

AUTO = "auto"


def _dataset(name: Any) -> Any:
    """The name of a data set that there is."""
    if name not in NAMES:
        raise ValueError(f"no dataset {shown(name)}; {suggestion(str(name), NAMES)}")
    return name


def _network(name: Any) -> Any:
    """The name of a network that there is."""
    catalogue.check(networks, str(name))
    return name


def _key(key: Any) -> Any:
    """A key under `methods`, which also names files."""
    if not isinstance(key, str) or key == "initial" or not re.fullmatch(r"[a-z][a-z0-9_]{,99}", key):
        raise ValueError(
            f"{shown(key)} cannot name a method; use lower-case letters, digits, _ (and not 'initial')"
        )
    return key


def _method(block: Any) -> Baseline:
    """A method from its block of `params.yaml`."""
    if not isinstance(block, dict):
        raise ValueError("must be a mapping, like {method: oversampling, start: initial}")
    if not isinstance(block.get("method"), str):
        raise ValueError(f"`method` must name a method; {suggestion('', catalogue.names(methods))}")
    return methods.parse(block)


DatasetName = Annotated[str, BeforeValidator(_dataset)]
NetworkName = Annotated[str, BeforeValidator(_network)]
MethodName = Annotated[str, BeforeValidator(_key)]


class ImageFolder(Strict):
    """Where the user's own images are, and what is made of them."""

    root: str = Field(min_length=1)
    pixels: int = Field(ge=1, le=4096)
    color: Color
    bits: Bits
    test_fraction: float = Field(gt=0, lt=1)

    @field_validator("root")
    @classmethod
    def _root_can_be_a_folder_that_dvc_finds(cls, root: str) -> str:
        if not root.isprintable():
            raise ValueError(f"{shown(root)} cannot name a folder; leave out what cannot be printed")
        if root.startswith("~"):
            raise ValueError(f"DVC takes ~ for a folder of that name; write {Path(root).expanduser()}")
        return root

    @field_validator("bits", mode="before")
    @classmethod
    def _bits_are_of_a_16_bit_file(cls, bits: Any) -> Any:
        if bits not in (AUTO, *range(8, 17)):
            raise ValueError(f"no number of bits {shown(bits)}; choose auto, or 8 to 16")
        return bits


class Params(Strict):
    """The parameters of a run; `params.yaml` explains each."""

    dataset: DatasetName
    image_folder: ImageFolder
    imbalance: Imbalance
    rho: float = Field(ge=1)
    mu: float = Field(gt=0, lt=1)
    counts: tuple[PositiveInt, ...]
    n_max: int = Field(ge=1)
    minority: Minority
    replicates: int = Field(ge=1, le=10_000)
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
    tau: float = Field(ge=0, le=10)
    recipes: dict[DatasetName, dict[NetworkName, Recipe]]
    methods: dict[MethodName, Annotated[Baseline, BeforeValidator(_method)]]

    @property
    def profile(self) -> Profile:
        """The profile of the class sizes."""
        return Profile(
            imbalance=self.imbalance,
            rho=self.rho,
            mu=self.mu,
            counts=self.counts,
            n_max=self.n_max,
            minority=self.minority,
        )

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

    @field_validator("methods")
    @classmethod
    def _starts_lead_to_initial(cls, blocks: dict[str, Baseline]) -> dict[str, Baseline]:
        if "baseline" not in blocks:
            raise ValueError(
                "`baseline` is missing, which every other method is compared with; "
                "add `baseline: {method: baseline, start: initial}`"
            )
        for key, block in blocks.items():
            if block.start not in ("initial", *blocks):
                choices = suggestion(block.start, ["initial", *blocks])
                raise ValueError(f"methods.{key}.start: no method '{block.start}'; {choices}")
        for key in blocks:
            chain = [key]
            while (start := blocks[chain[-1]].start) != "initial":
                chain.append(start)
                if start in chain[:-1]:
                    raise ValueError(
                        f"{' <- '.join(chain)} start from each other in a circle; "
                        "let one of them start from initial"
                    )
            _refuse_heads(chain, blocks)
        return blocks

    @model_validator(mode="after")
    def _network_has_a_recipe(self) -> Self:
        if not self.recipes.get(self.dataset):
            raise ValueError(
                f"recipes.{self.dataset} is missing: no network has a recipe for dataset '{self.dataset}'; "
                "add one, or choose another dataset"
            )
        if self.architecture not in (known := self.recipes[self.dataset]):
            choices = suggestion(self.network, [AUTO, *known])
            raise ValueError(f"network: `recipes.{self.dataset}` has no network '{self.network}'; {choices}")
        return self

    @model_validator(mode="after")
    def _budget_leaves_iterations(self) -> Self:
        if self.recipe.iterations:  # in epochs, it depends on the number of images
            self.recipe.iterations_within(self.budget, images=1)
        return self

    @model_validator(mode="after")
    def _no_class_is_empty(self) -> Self:
        if self.profile.has_ranks and self.rho > self.n_max:
            raise ValueError(
                f"rho = {self.rho:g} leaves a class empty: the largest class has n_max = {self.n_max} images "
                f"at most; choose rho from 1 to {self.n_max}"
            )
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
                        f"methods.{key} would tune on data that {start} is trained on; "
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
    """PyYAML's safe loader, made stricter, and with the scalars of YAML 1.2, as DVC reads them.

    It also rejects duplicate keys, aliases (which can expand without bound) and huge integers. By YAML 1.1,
    PyYAML's own, `5e-05` is text (DVC writes small rates so), `010` is 8, `1:30` is 90, and `no` is false.
    """

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

    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        """A whole number: decimal, 0o17 or 0x1f."""
        text = str(self.construct_scalar(node))
        return int(text, 0 if text[:2] in ("0o", "0x") else 10)


SCALARS = {  # YAML 1.2, section 10.3.2
    "null": ("~|null|Null|NULL|", ["~", "n", "N", ""]),
    "bool": ("true|True|TRUE|false|False|FALSE", list("tTfF")),
    "int": ("[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    "float": (
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        list("-+.0123456789"),
    ),
}
_Loader.yaml_implicit_resolvers = {}  # those of YAML 1.1 are left out
for _tag, (_pattern, _begin) in SCALARS.items():
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_pattern})$"), _begin)
_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_yaml_int)


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
    try:
        return Params.model_validate(raw)
    except ValidationError as error:
        problems = [f"  - {_sentence(details, raw)}" for details in error.errors()]
    raise InputError("\n".join([f"{path} is not valid:", *problems]))


def _sentence(details: ErrorDetails, raw: dict[str, Any]) -> str:
    """What is wrong, where in the `raw` parameters, and what is right."""
    where, kind = _path(details["loc"], raw), details["type"]
    value = shown(details["input"])
    context = details.get("ctx", {})
    match kind:
        case "missing":
            return f"{where} is missing; add it."
        case "literal_error":
            choices = re.findall(r"'([^']*)'", context["expected"])
            return f"{where}: no {value}; {suggestion(str(details['input']), choices)}"
        case "union_tag_not_found":
            return f"{where}.name is missing; add it, as it says what the other parameters are of."
        case "union_tag_invalid":
            choices = re.findall(r"'([^']*)'", context["expected_tags"])
            return f"{where}.name: no '{context['tag']}'; {suggestion(context['tag'], choices)}"
        case "value_error":
            message = str(context["error"]).removesuffix(".")
            return f"{message}." if message.startswith(f"{where}.") or not where else f"{where}: {message}."
        case "too_long":
            return f"{where}: the list should have at most {context['max_length']} values."
        case _ if kind in MEANT:
            instead = ", not text" if isinstance(details["input"], str) and kind in NUMBERS else ""
            return f"{where} = {value}: input should be {MEANT[kind]}{instead}."
        case _:
            return f"{where} = {value}: {details['msg'][0].lower()}{details['msg'][1:]}."


# What pydantic says of a wrong type, in words of YAML.
MEANT = {
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
    "string_type": "text",
    "string_too_short": "at least one character",
    "tuple_type": "a list, like [a, b]",
    "dict_type": "a mapping, like {name: value}",
    "model_type": "a mapping, like {name: value}",
    "model_attributes_type": "a mapping, like {name: value}",
    "too_short": "a list with at least one value",
}
NUMBERS = ("int_type", "float_type")


def _path(place: tuple[int | str, ...], raw: Any) -> str:
    """The dotted path to a value as the user would write it.

    pydantic's also has the names of the members of unions, positions in what is no list, and marks of keys.
    """
    parts: list[str] = []
    for part in place:
        if part == "[key]":
            parts.pop()
        elif (isinstance(raw, dict) and part in raw) or (isinstance(raw, list) and isinstance(part, int)):
            parts.append(str(part))
            raw = raw[part]  # type: ignore[index]
        elif isinstance(part, str) and not (isinstance(raw, dict) and raw.get("name") == part):
            parts.append(part)
    return ".".join(parts)
