"""dvc.yaml names every module that a stage imports: an unlisted one would go stale silently."""

import ast
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from imbalance import catalogue, methods, networks
from imbalance.reproducibility import provenance

# config.py accepts or refuses parameters and changes none; their values are tracked under `params`.
CHANGE_NO_RESULT = {Path("imbalance", f"{name}.py") for name in ("config", "parallel", "parents", "progress")}
STAGES: dict[str, Any] = {
    name: stage.get("do", stage)
    for name, stage in yaml.safe_load(Path("dvc.yaml").read_text())["stages"].items()
}


def third_party_imports() -> set[str]:
    """The top-level names that the library, the stages and the tools import, other than their own."""
    names = set()
    own = ("imbalance", "stages", "tools")
    for file in (path for folder in own for path in Path(folder).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module.partition(".")[0])
    return names - set(own)


def needed(file: Path) -> set[Path]:
    """The files that determine what `file` does."""
    return provenance.closure([file], leave_out=CHANGE_NO_RESULT)


def file_of(package: ModuleType, name: str) -> Path:
    """The file of a choice in a catalogue."""
    return Path(*package.__name__.split("."), f"{name}.py")


@pytest.mark.parametrize("stage", STAGES)
def test_every_import_of_a_stage_is_among_its_deps(stage: str) -> None:
    deps = {Path(dep) for dep in STAGES[stage]["deps"]}
    script = Path(STAGES[stage]["cmd"].split()[2].replace(".", "/") + ".py")
    missing = {path for path in needed(script) if not deps & {path, *path.parents}}
    assert not missing, f"dvc.yaml: add to the deps of {stage}: {sorted(map(str, missing))}"


@pytest.mark.parametrize("stage", STAGES)
def test_no_dep_is_there_for_nothing(stage: str) -> None:
    script = Path(STAGES[stage]["cmd"].split()[2].replace(".", "/") + ".py")
    code = {
        Path(dep)
        for dep in STAGES[stage]["deps"]
        if dep.startswith(("imbalance", "stages")) and "$" not in dep
    }
    used = needed(script)
    if stage == "train":
        used |= {path for name in catalogue.names(methods) for path in needed(file_of(methods, name))}
    if stage in ("initialize", "train"):
        used |= {path for name in catalogue.names(networks) for path in needed(file_of(networks, name))}
    unused = {dep for dep in code if not any(dep in {path, *path.parents} for path in used)}
    assert not unused, f"dvc.yaml: {stage} does not import {sorted(map(str, unused))}"


@pytest.mark.parametrize("method", catalogue.names(methods))
def test_a_method_imports_only_what_its_training_depends_on(method: str) -> None:
    file = file_of(methods, method)
    deps = {Path(dep) for dep in STAGES["train"]["deps"]} | {file}
    missing = {path for path in needed(file) if not deps & {path, *path.parents}}
    assert not missing, (
        f"methods/{method}.py imports {sorted(map(str, missing))}, which train does not depend on"
    )


@pytest.mark.parametrize("network", catalogue.names(networks))
@pytest.mark.parametrize("stage", ["initialize", "train"])
def test_a_network_imports_only_what_its_stages_depend_on(stage: str, network: str) -> None:
    deps = {Path(dep) for dep in STAGES[stage]["deps"]}
    missing = {path for path in needed(file_of(networks, network)) if not deps & {path, *path.parents}}
    assert not missing, f"dvc.yaml: add to the deps of {stage}: {sorted(map(str, missing))}"


def test_the_stages_are_those_of_the_design() -> None:
    assert list(STAGES) == ["list", "download", "subset", "initialize", "train", "evaluate", "plot"]
