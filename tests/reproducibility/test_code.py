"""The hash of code sees what code does, and nothing else."""

import ast
from pathlib import Path

import pytest

from imbalance.reproducibility import code
from imbalance.reproducibility.code import ROOT, closure, determining, hash_of, imports_of, library

SOLVERS = Path("imbalance/training/solvers.py")
RECIPES = Path("imbalance/training/recipes.py")


@pytest.mark.parametrize("file", library(), ids=str)
def test_layout_comments_and_docstrings_are_not_seen(file: Path) -> None:
    source = (ROOT / file).read_text()
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.ClassDef | ast.FunctionDef)
            and ast.get_docstring(node)
            and len(node.body) > 1
        ):
            node.body[0] = ast.Expr(ast.Constant("Another docstring."))
    rewritten = f"# a comment\n{ast.unparse(tree)}\n\n"
    assert rewritten != source
    assert hash_of(rewritten.encode()) == hash_of(source.encode())


def changes(tree: ast.Module) -> list[str]:
    """The source with one name, operator or constant changed, for every one that there is."""
    changed = []
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=old):
                node.id = f"{old}_"
                changed.append(ast.unparse(tree))
                node.id = old
            case ast.Constant(value=float(old) | int(old)) if not isinstance(old, bool):
                node.value = old + 1
                changed.append(ast.unparse(tree))
                node.value = old
            case ast.BinOp(op=old):
                node.op = ast.Mod()
                changed.append(ast.unparse(tree))
                node.op = old
    return changed


@pytest.mark.parametrize("name", ["methods/focal.py", "training/solvers.py", "subsets/profiles.py"])
def test_each_name_number_and_operator_is_seen(name: str) -> None:
    source = (ROOT / "imbalance" / name).read_text()
    changed = changes(ast.parse(source))
    hashes = {hash_of(other.encode()) for other in [source, *changed]}
    assert len(changed) > 20
    assert len(hashes) == len({source, *changed})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("f(1)", "f(True)"),
        ("f(1)", "f(1.0)"),
        ("f('1')", "f(b'1')"),
        ("return_ = None", "return_ = ''"),
        ("f(a, b)", "f((a, b))"),
        ("x = [a]", "x = (a,)"),
        ("def f():\n    pass", "async def f():\n    pass"),
        ("def f():\n    'doc'\n    'text'", "def f():\n    'doc'"),
        ("def f(a, /): pass", "def f(a): pass"),
        ("x: int = 1", "x = 1"),
    ],
)
def test_small_differences_are_seen(one: str, other: str) -> None:
    assert hash_of(one.encode()) != hash_of(other.encode())


def test_it_is_the_same_in_every_version_of_python() -> None:
    # Computed by Python 3.10, 3.11, 3.12 and 3.13.
    source = b"def f(x, *y, z=1, **w):\n    return f'{x!r:>{z}}' if y else w"
    assert hash_of(source)[:16] == "ee88fdd09e2eb9fb"


def test_imports_are_followed_and_left_out() -> None:
    assert {RECIPES, Path("imbalance/catalogue.py")} < closure([SOLVERS])
    inits = {Path("imbalance/__init__.py"), Path("imbalance/training/__init__.py")}
    errors = Path("imbalance/errors.py")
    assert closure([SOLVERS], leave_out={RECIPES}) == {SOLVERS, errors} | inits


def test_what_changes_no_result_is_left_out() -> None:
    script = Path("stages/train.py")
    assert Path("imbalance/config/parameters.py") in closure([script])
    names = determining([script])
    assert "imbalance/training/loop.py" in names
    assert not [name for name in names if name.startswith(("imbalance/running/", "imbalance/config"))]


def test_relative_imports_are_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = {
        "imbalance/above.py": "",
        "imbalance/methods/beside.py": "",
        "imbalance/methods/parts/within.py": "",
        "imbalance/methods/mine.py": "from . import beside\nfrom .parts.within import x\nfrom ..above import y",
    }
    for name, source in sources.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(source)
    monkeypatch.setattr(code, "ROOT", tmp_path)
    *imported, mine = map(Path, sources)
    assert imports_of(mine) == set(imported)
