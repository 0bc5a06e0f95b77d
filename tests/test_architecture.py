"""The plan of the house: folders are layers, and tests mirror the code."""

import ast
import re
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from imbalance.reproducibility.code import imports_of, library

# Each may import only from those above it, and within itself.
LAYERS = [
    "errors",
    "disk",
    "reproducibility",
    "catalogue",
    "strict",
    "data",
    "datasets",
    "subsets",
    "networks",
    "methods",
    "weights",
    "training",
    "evaluation",
    "studies",
    "figures",
    "report",
    "config",
    "running",
    "prediction",
]
LONGEST = 250  # lines of a module
# The candidates of a race, most of which are deleted when it has been run, and the race itself.
EXEMPT = {Path("benchmarks/gpu.py"), Path("benchmarks/gpu_candidates.py")}
OWN = ("imbalance", "stages", "tools", "benchmarks")
LIBRARY = [file for file in library() if file != Path("imbalance/__init__.py")]
MODULES = [file for own in OWN for file in sorted(Path(own).rglob("*.py")) if file not in EXEMPT]
TESTS = sorted(Path("tests").rglob("test_*.py"))


def layer(file: Path) -> str:
    """The folder of a file of the library, or its own name where it lies in none."""
    return file.with_suffix("").parts[1]


def test_every_module_is_in_a_layer() -> None:
    assert {layer(file) for file in LIBRARY} == set(LAYERS)


@pytest.mark.parametrize("file", LIBRARY, ids=str)
def test_a_module_imports_only_from_layers_above_its_own(file: Path) -> None:
    imported = {
        layer(path) for path in imports_of(file) if path.parts[0] == "imbalance" and len(path.parts) > 1
    }
    allowed = ["__init__", *LAYERS[: LAYERS.index(layer(file)) + 1]]
    assert imported <= set(allowed), f"{file} imports from a layer below {layer(file)}"


def test_the_readme_lists_the_layers_in_their_order() -> None:
    readme = Path("README.md").read_text(encoding="utf-8")
    tree = readme[readme.index("\n    imbalance/") : readme.index("\n    tools/")]
    listed = " ".join(re.findall(r"^ {8}(\S+(?: \S+)*)", tree, re.MULTILINE))
    assert re.findall(r"(\w+)(?:\.py|/)", listed) == LAYERS


def test_no_modules_import_each_other_in_a_circle() -> None:
    # A package's own file names its modules, and they are loaded after it.
    graph = {file: {path for path in imports_of(file) if path.name != "__init__.py"} for file in LIBRARY}
    TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("file", MODULES, ids=str)
def test_no_module_is_too_long(file: Path) -> None:
    assert len(file.read_text().splitlines()) <= LONGEST


def test_catalogues_hold_choices_alone() -> None:
    for catalogue in ("networks", "methods"):
        shared = {path.name for path in Path("imbalance", catalogue).glob("*/") if path.name != "__pycache__"}
        assert shared == {"parts"}


@pytest.mark.parametrize("test", TESTS, ids=str)
def test_a_test_imports_from_no_other_test(test: Path) -> None:
    imported = {
        node.module
        for node in ast.walk(ast.parse(test.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module
    }
    assert not [module for module in imported if module.rpartition(".")[2].startswith("test_")]
