"""dvc.yaml names every module that a stage imports: an unlisted one would go stale silently."""

import ast
from pathlib import Path
from typing import Any

import pytest
import yaml

from imbalance import catalogue, methods

# It accepts or refuses parameters and changes none; their values are tracked under `params`.
ONLY_CHECKS = {Path("imbalance/config.py")}
STAGES: dict[str, Any] = {
    name: stage.get("do", stage)
    for name, stage in yaml.safe_load(Path("dvc.yaml").read_text())["stages"].items()
}


def files_of(module: str) -> set[Path]:
    """The project's files that importing `module` executes: its own, and its packages' `__init__.py`."""
    parts = module.split(".")
    found = {Path(*parts[:depth], "__init__.py") for depth in range(1, len(parts) + 1)} | {
        Path(*parts).with_suffix(".py")
    }
    return {path for path in found if path.is_file()}


def imports_of(file: Path) -> set[Path]:
    """The project's files that `file` imports directly, wherever in it the import stands."""
    modules = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return {path for module in modules for path in files_of(module)} - ONLY_CHECKS


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


def closure(file: Path) -> set[Path]:
    """All files that `file` imports, directly or not, itself included."""
    seen, new = set(), {file, *files_of(file.parent.as_posix().replace("/", "."))}
    while new:
        seen |= new
        new = {path for known in new for path in imports_of(known)} - seen
    return seen


@pytest.mark.parametrize("stage", STAGES)
def test_every_import_of_a_stage_is_among_its_deps(stage: str) -> None:
    deps = {Path(dep) for dep in STAGES[stage]["deps"]}
    script = Path(STAGES[stage]["cmd"].split()[2].replace(".", "/") + ".py")
    missing = {path for path in closure(script) if not deps & {path, *path.parents}}
    assert not missing, f"dvc.yaml: add to the deps of {stage}: {sorted(map(str, missing))}"


@pytest.mark.parametrize("stage", STAGES)
def test_no_dep_is_there_for_nothing(stage: str) -> None:
    script = Path(STAGES[stage]["cmd"].split()[2].replace(".", "/") + ".py")
    code = {
        Path(dep)
        for dep in STAGES[stage]["deps"]
        if dep.startswith(("imbalance", "stages")) and "$" not in dep
    }
    used = closure(script)
    if stage == "train":
        used |= {
            path
            for name in catalogue.names(methods)
            for path in closure(Path(f"imbalance/methods/{name}.py"))
        }
    unused = {dep for dep in code if not any(dep in {path, *path.parents} for path in used)}
    assert not unused, f"dvc.yaml: {stage} does not import {sorted(map(str, unused))}"


@pytest.mark.parametrize("method", catalogue.names(methods))
def test_a_method_imports_only_what_its_training_depends_on(method: str) -> None:
    file = Path("imbalance/methods", f"{method}.py")
    deps = {Path(dep) for dep in STAGES["train"]["deps"]} | {file}
    missing = {path for path in closure(file) if not deps & {path, *path.parents}}
    assert not missing, (
        f"methods/{method}.py imports {sorted(map(str, missing))}, which train does not depend on"
    )


def test_the_stages_are_those_of_the_design() -> None:
    assert list(STAGES) == ["download", "subset", "initialize", "train", "evaluate", "plot"]
