"""Nothing that is read can run code: no pickle but CIFAR's arrays, no eval, no YAML of Python objects."""

import ast
from pathlib import Path

import pytest

FILES = sorted(
    path for folder in ("imbalance", "stages", "tools", "benchmarks") for path in Path(folder).rglob("*.py")
)
MODULES = {"pickle", "_pickle", "cloudpickle", "dill", "shelve", "marshal", "jsonpickle"}
# CIFAR's official files are pickles; its `Unpickler` makes arrays and nothing else (tests/datasets/test_formats.py).
# Pretrained weights come as pickles, too; torch's own reader makes tensors alone (tests/networks/test_torchvision.py).
ALLOWED = {
    Path("imbalance/datasets/formats.py"): {"pickle"},
    Path("imbalance/networks/torchvision.py"): {"torch.load"},
}
BUILT_IN = {"eval", "exec", "compile", "__import__"}
# By the last two names of what is called. `np.load` opens no pickle by default; `arrays.read` does all of its work.
CALLS = {
    "torch.load",
    "np.load",
    "numpy.load",
    "joblib.load",
    "pickle.load",
    "pickle.loads",
    "pd.read_pickle",
    "pandas.read_pickle",
    "yaml.load",
    "yaml.load_all",
    "yaml.full_load",
    "yaml.unsafe_load",
}


def dangers(code: str) -> set[str]:
    """What in Python code could run what it reads, by name."""
    found = set()
    for node in ast.walk(ast.parse(code)):
        match node:
            case ast.Import(names=names):
                found |= {alias.name for alias in names if alias.name.partition(".")[0] in MODULES}
            case ast.ImportFrom(module=str(module), names=names):
                found |= {module} if module.partition(".")[0] in MODULES else set()
                found |= {f"{module}.{alias.name}" for alias in names} & CALLS
            case ast.Name(id=name) if name in BUILT_IN:
                found.add(name)
            case ast.Attribute(value=ast.Name(id=package), attr=name):
                found |= {f"{package}.{name}"} & CALLS
            case ast.keyword(arg="allow_pickle", value=value) if ast.unparse(value) != "False":
                found.add("allow_pickle")
    return found


@pytest.mark.parametrize("file", FILES, ids=str)
def test_no_file_runs_what_it_reads(file: Path) -> None:
    assert dangers(file.read_text()) == ALLOWED.get(file, set())


@pytest.mark.parametrize(
    ("code", "danger"),
    [
        ("import pickle", "pickle"),
        ("pickle.loads(data)", "pickle.loads"),
        ("from cloudpickle import loads", "cloudpickle"),
        ("x = torch.load(file)", "torch.load"),
        ("from torch import load", "torch.load"),
        ("np.load(file)", "np.load"),
        ("open_memmap(file, allow_pickle=flag)", "allow_pickle"),
        ("yaml.load(file, Loader)", "yaml.load"),
        ("read = eval", "eval"),
    ],
)
def test_each_danger_is_seen(code: str, danger: str) -> None:
    assert dangers(code) == {danger}
