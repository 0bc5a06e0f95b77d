"""The lock file covers what pyproject.toml asks for, and what the code imports is asked for."""

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

PROJECT = tomllib.loads(Path("pyproject.toml").read_text())
ASKED = [
    Requirement(text) for text in (*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"])
]
OPTIONAL = [
    Requirement(text) for texts in PROJECT["project"]["optional-dependencies"].values() for text in texts
]
LOCKED = dict(re.findall(r"^([a-z0-9-]+)==([^ ]+)", Path("requirements.lock").read_text(), re.MULTILINE))
IMPORTED_AS = {
    "imbalanced-learn": "imblearn",
    "pillow": "PIL",
    "pyyaml": "yaml",
    "scikit-learn": "sklearn",
    "vl-convert-python": "vl_convert",
}


def third_party_imports() -> set[str]:
    """The top-level names that the library, the stages, the tools and the benchmarks import, but for their own."""
    names = set()
    own = ("imbalance", "stages", "tools", "benchmarks")
    for file in (path for folder in own for path in Path(folder).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module.partition(".")[0])
    return names - set(own)


@pytest.mark.parametrize("requirement", ASKED, ids=str)
def test_every_requirement_is_locked_at_a_version_that_it_allows(requirement: Requirement) -> None:
    assert requirement.name in LOCKED, "run `make lock`"
    assert requirement.specifier.contains(LOCKED[requirement.name])


def test_every_locked_version_has_hashes_and_no_address_is_written() -> None:
    lock = Path("requirements.lock").read_text()
    assert "://" not in lock
    entries = re.split(r"^(?=[a-z0-9-]+==)", lock, flags=re.MULTILINE)[1:]
    assert len(entries) == len(LOCKED)
    assert all("--hash=sha256:" in entry for entry in entries)


def test_every_import_is_asked_for() -> None:
    known = {
        IMPORTED_AS.get(requirement.name, requirement.name) for requirement in (*ASKED, *OPTIONAL)
    } | sys.stdlib_module_names
    assert third_party_imports() <= known | {"pydantic_core"}
