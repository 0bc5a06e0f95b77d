"""The code that determines a result: the files that have a part in it, and a hash of what each of them does.

The hash is that of a file's syntax tree without its docstrings. Comments, docstrings and layout are in no
hash: they change no result, so they re-run no stage and re-train no network.
"""

import ast
import hashlib
from collections.abc import Collection, Iterable
from functools import cache
from importlib.util import resolve_name
from pathlib import Path

ROOT = Path(__file__).parents[2]
# They accept or refuse parameters, whose values DVC tracks, or run tasks and stop them.
CHANGES_NO_RESULT = ("imbalance/config", "imbalance/running")
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def library() -> list[Path]:
    """All files of the library, relative to the project's root."""
    return sorted(path.relative_to(ROOT) for path in (ROOT / "imbalance").rglob("*.py"))


def determining(files: Iterable[Path]) -> dict[str, str]:
    """The hash of each of `files`, and of each file that they import, by its path from the project's root.

    Imports are followed to the end. What changes no result is left out, and is not followed.
    """
    ours = {path for path in library() if any(path.is_relative_to(other) for other in CHANGES_NO_RESULT)}
    return {path.as_posix(): hash_of((ROOT / path).read_bytes()) for path in sorted(closure(files, ours))}


def closure(files: Iterable[Path], leave_out: Collection[Path] = ()) -> set[Path]:
    """All files of the project that importing `files` executes, themselves included.

    Paths are relative to the project's root. Files to leave out are not followed either.
    """
    seen: set[Path] = set()
    new = {path for file in files for path in files_of(".".join(file.with_suffix("").parts))}
    while new:
        seen |= new
        new = {path for known in new for path in imports_of(known)} - seen - set(leave_out)
    return seen


def imports_of(file: Path) -> set[Path]:
    """The project's files that `file` imports directly, wherever in it the import stands."""
    source, package = (ROOT / file).read_bytes(), ".".join(file.parent.parts)
    return {path for module in _imported(source, package) for path in files_of(module)}


def file_of(module: str) -> Path:
    """The file of a module, relative to the project's root: a.b -> a/b.py."""
    return Path(*module.split(".")).with_suffix(".py")


def files_of(module: str) -> set[Path]:
    """The project's files that importing `module` executes: its own, and its packages' `__init__.py`."""
    parts = module.removesuffix(".__init__").split(".")
    found = {Path(*parts[:depth], "__init__.py") for depth in range(1, len(parts) + 1)} | {
        file_of(".".join(parts))
    }
    return {path for path in found if (ROOT / path).is_file()}


@cache
def hash_of(source: bytes) -> str:
    r"""The SHA-256, in hex, of what Python source does: of its syntax tree without docstrings.

    >>> hash_of(b"x = 1") == hash_of(b"x  =  1  # one") == hash_of(b"'The number.'\n\nx = 1")
    True
    >>> hash_of(b"x = 1") == hash_of(b"x = 1.0")
    False
    """
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
        if isinstance(node, ast.JoinedStr):  # Python 3.12 ends some with an empty text
            node.values = [part for part in node.values if getattr(part, "value", None) != ""]
    return hashlib.sha256(_written(tree).encode()).hexdigest()


def _written(part: object) -> str:
    """A syntax tree as text, the same from every version of Python.

    Fields without a value are left out, since later versions add such fields to nodes that earlier ones have.
    """
    if isinstance(part, ast.AST):
        fields = ((name, value) for name, value in ast.iter_fields(part) if value is not None and value != [])
        return f"{type(part).__name__}({','.join(f'{name}={_written(value)}' for name, value in fields)})"
    if isinstance(part, list):
        return f"[{','.join(map(_written, part))}]"
    return f"{type(part).__name__}:{part!a}"


@cache
def _imported(source: bytes, package: str) -> frozenset[str]:
    """The names of all modules that Python source may import: `from a import b` may mean a.b, too.

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
