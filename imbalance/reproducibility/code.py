"""The source files that determine a result, found by their imports, and a hash of each file's code.

The hash is taken over the syntax tree without docstrings. Comments, docstrings and formatting do not enter
it: they change no result, so they must not re-run a stage or re-train a network.
"""

import ast
import hashlib
from collections.abc import Collection, Iterable
from functools import cache
from importlib.util import resolve_name
from pathlib import Path

ROOT = Path(__file__).parents[2]
# These packages accept or refuse parameters, whose values DVC tracks, or start and stop tasks.
CHANGES_NO_RESULT = ("imbalance/config", "imbalance/running")
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def library() -> list[Path]:
    """Return the paths of all files of the library, relative to the project's root."""
    return sorted(path.relative_to(ROOT) for path in (ROOT / "imbalance").rglob("*.py"))


def determining(files: Iterable[Path]) -> dict[str, str]:
    """Return the hashes of `files` and of all files that they import, directly or indirectly.

    Keys are paths relative to the project's root. Packages that change no result are left out, and their
    imports are not followed.
    """
    ours = {path for path in library() if any(path.is_relative_to(other) for other in CHANGES_NO_RESULT)}
    return {path.as_posix(): hash_of((ROOT / path).read_bytes()) for path in sorted(closure(files, ours))}


def closure(files: Iterable[Path], leave_out: Collection[Path] = ()) -> set[Path]:
    """Return all files of the project that importing `files` executes, including `files` themselves.

    Paths are relative to the project's root. Files in `leave_out` are omitted, and not followed.
    """
    seen: set[Path] = set()
    new = {path for file in files for path in files_of(".".join(file.with_suffix("").parts))}
    while new:
        seen |= new
        new = {path for known in new for path in imports_of(known)} - seen - set(leave_out)
    return seen


def imports_of(file: Path) -> set[Path]:
    """Return the project's files that `file` imports directly, at its top or inside a function."""
    source, package = (ROOT / file).read_bytes(), ".".join(file.parent.parts)
    return {path for module in _imported(source, package) for path in files_of(module)}


def file_of(module: str) -> Path:
    """Return the file of a module, relative to the project's root: a.b -> a/b.py."""
    return Path(*module.split(".")).with_suffix(".py")


def files_of(module: str) -> set[Path]:
    """Return the project's files that importing `module` executes: its own, its packages' `__init__.py`."""
    parts = module.removesuffix(".__init__").split(".")
    found = {Path(*parts[:depth], "__init__.py") for depth in range(1, len(parts) + 1)} | {
        file_of(".".join(parts))
    }
    return {path for path in found if (ROOT / path).is_file()}


@cache
def hash_of(source: bytes) -> str:
    r"""Return the SHA-256, in hex, of the syntax tree of Python source, without its docstrings.

    >>> hash_of(b"x = 1") == hash_of(b"x  =  1  # one") == hash_of(b"'The number.'\n\nx = 1")
    True
    >>> hash_of(b"x = 1") == hash_of(b"x = 1.0")
    False
    """
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
        if isinstance(node, ast.JoinedStr):  # Python 3.12 ends some f-strings with an empty constant
            node.values = [part for part in node.values if getattr(part, "value", None) != ""]
    return hashlib.sha256(_written(tree).encode()).hexdigest()


def _written(part: object) -> str:
    """Return a syntax tree as text that is the same in every version of Python.

    Fields without a value are left out, since later versions of Python add such fields to existing nodes.
    """
    if isinstance(part, ast.AST):
        fields = ((name, value) for name, value in ast.iter_fields(part) if value is not None and value != [])
        return f"{type(part).__name__}({','.join(f'{name}={_written(value)}' for name, value in fields)})"
    if isinstance(part, list):
        return f"[{','.join(map(_written, part))}]"
    return f"{type(part).__name__}:{part!a}"


@cache
def _imported(source: bytes, package: str) -> frozenset[str]:
    """Return the names of all modules that the source may import; `from a import b` may import a.b, too.

    Relative imports are those of a module of the `package`.
    """
    modules: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            name = resolve_name("." * node.level + (node.module or ""), package)
            modules |= {name} | {f"{name}.{alias.name}" for alias in node.names}
    return frozenset(modules)
