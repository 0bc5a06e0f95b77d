"""Reading of claims and margins from YAML; what is wrong is named with its file and line."""

import hashlib
import json
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from imbalance.errors import InputError
from imbalance.strict import Strict
from imbalance.studies.claims.margins import AllMargins
from imbalance.studies.claims.schema import Claim, Source

Read = TypeVar("Read", bound=Strict)
MARGINS = "margins.yaml"
DIGITS = 16  # of a hash


def sources(folder: Path) -> dict[str, Source]:
    """Return the sources in a folder by the names of their files; raises `InputError` if one is not valid."""
    files = sorted(file for file in folder.glob("*.yaml") if file.name not in (MARGINS, "dvc.yaml"))
    if not files:
        raise InputError(f"{folder} has no claims; add a file <source>.yaml there.")
    found = {file.stem: read(file, Source) for file in files}
    where: dict[str, str] = {}
    for name, source in found.items():
        for claim in source.claims:
            if (other := where.setdefault(claim.id, name)) != name:
                raise InputError(f"{name}.yaml and {other}.yaml both have a claim {claim.id}; rename one.")
    return found


def margins(folder: Path) -> AllMargins:
    """Return the margins of all measures; raises `InputError` if they are not valid."""
    return read(folder / MARGINS, AllMargins)


def read(file: Path, what: type[Read]) -> Read:
    """Return what a YAML file describes; raises an `InputError` that lists what is wrong, by line."""
    try:
        node = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
        raw = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise InputError(f"{file} cannot be read: {error}") from error
    if not isinstance(node, yaml.MappingNode):
        raise InputError(f"{file} must be a mapping, like `source: buda2018`.")
    problems = list(_repeated(node))
    if not problems:
        try:
            return what.model_validate(raw)
        except ValidationError as error:
            problems = [_problem(details, node) for details in error.errors()]
    lines = [f"{file}:{line}: {text}" for line, text in dict.fromkeys(problems)]
    raise InputError("\n  - ".join([f"{file} is not valid:", *lines]))


def hash_of(claim: Claim, of_measures: AllMargins) -> str:
    """Return a hash of a claim with its margins; it changes with anything that may change the verdict."""
    measures = {name for part in claim.parts for test in (part, *part.also) for name in test.measure}
    fixed = [each.model_dump(mode="json") for each in of_measures.margins if measures & set(each.measures)]
    written = json.dumps([claim.model_dump(mode="json"), fixed], sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()[:DIGITS]


def file_hash(file: Path) -> str:
    """Return the hash of a file's bytes."""
    return hashlib.sha256(file.read_bytes()).hexdigest()[:DIGITS]


def _repeated(node: yaml.Node | None) -> Any:
    """Yield the line and a sentence for each key that a mapping has twice."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                yield key.start_mark.line + 1, f"'{key.value}' is given twice; keep one."
            seen.add(str(key.value))
            yield from _repeated(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _repeated(value)


def _problem(details: Any, node: yaml.Node) -> tuple[int, str]:
    """Return the line and the sentence of one of pydantic's errors."""
    claim, path = "", []
    for step in details["loc"]:
        below = _below(node, step)
        if below is None:
            continue  # a name of pydantic's for one of several types
        node = below
        path.append(str(step))
        claim = _id(node) or claim
    message = details["msg"].removeprefix("Value error, ")
    named = path[-1] if path and not path[-1].isdigit() else ""
    where = (
        f"{claim}: {named}: "
        if claim and named
        else f"{claim}: "
        if claim
        else f"{'.'.join(path)}: "
        if path
        else ""
    )
    missing = f" '{details['loc'][-1]}'" if details["type"] == "missing" else ""
    return node.start_mark.line + 1, f"{where}{message}{missing}."


def _below(node: yaml.Node, step: int | str) -> yaml.Node | None:
    """Return the node of a key, or of a place in a list."""
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == step), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step]
    return None


def _id(node: yaml.Node) -> str | None:
    """Return the id of a claim's mapping, or None if it is none."""
    found = _below(node, "id")
    return found.value if isinstance(found, yaml.ScalarNode) else None
