"""How a network came to be: all that determines its weights, in a form that is hashed and stored with them.

Nothing of it is a date, a host or a folder: the same network, made again, has the same provenance. The code
is named by Git's own hashes of its files, so `git log --find-object=<hash>` finds its commits.
"""

import ast
import hashlib
import json
from collections.abc import Collection, Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
DETERMINING = ("imbalanced-learn", "numpy", "pillow", "scikit-learn", "scipy", "torch")


def digest(data: bytes) -> str:
    """SHA-256, in hex."""
    return hashlib.sha256(data).hexdigest()


def identity(provenance: dict[str, Any]) -> str:
    """A name for all that a provenance says: its hash."""
    return digest(json.dumps(provenance, sort_keys=True).encode())


def versions() -> dict[str, str]:
    """The libraries that compute, without the part of a version that names a build, such as +cpu."""
    return {name: version(name).partition("+")[0] for name in DETERMINING}


def library() -> list[Path]:
    """All files of the library, relative to the project's root."""
    return sorted(path.relative_to(ROOT) for path in (ROOT / "imbalance").rglob("*.py"))


def source(files: Iterable[Path]) -> dict[str, str]:
    """Git's hashes of `files` and of every file of the project that they import, directly or not."""
    return {path.as_posix(): git_hash(ROOT / path) for path in sorted(closure(files))}


def git_hash(file: Path) -> str:
    """The name that Git gives to a file's content."""
    data = file.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def closure(files: Iterable[Path], leave_out: Collection[Path] = ()) -> set[Path]:
    """All files of the project that importing `files` executes, themselves included; relative to its root.

    Those to leave out are not followed either.
    """
    seen: set[Path] = set()
    new = {path for file in files for path in files_of(".".join(file.with_suffix("").parts))}
    while new:
        seen |= new
        new = {path for known in new for path in imports_of(known)} - seen - set(leave_out)
    return seen


def imports_of(file: Path) -> set[Path]:
    """The project's files that `file` imports directly, wherever in it the import stands."""
    modules = set()
    for node in ast.walk(ast.parse((ROOT / file).read_bytes())):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return {path for module in modules for path in files_of(module)}


def files_of(module: str) -> set[Path]:
    """The project's files that importing `module` executes: its own, and its packages' `__init__.py`."""
    parts = module.removesuffix(".__init__").split(".")
    found = {Path(*parts[:depth], "__init__.py") for depth in range(1, len(parts) + 1)} | {
        Path(*parts).with_suffix(".py")
    }
    return {path for path in found if (ROOT / path).is_file()}
