"""Parameters with some values changed, and what is said of them."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from imbalance.config import load_params
from imbalance.errors import InputError

DEFAULT = yaml.safe_load(Path("params.yaml").read_text())
DEFAULT["recipes"] = {name: DEFAULT["recipes"][name] for name in ("mnist", "cifar10")}  # faster


def changed(change: str) -> str:
    """The text of the default parameters with a change."""
    raw: Any = copy.deepcopy(DEFAULT)
    path, _, value = change.removeprefix("~").partition("=")
    *parents, last = path.split(".")
    inner = raw
    for parent in parents:
        inner = inner[parent]
    inner.pop(last, None)
    if not change.startswith("~"):
        inner["KEY"] = "VALUE"
    return yaml.dump(raw, Dumper=yaml.CSafeDumper, sort_keys=False).replace("KEY: VALUE", f"{last}: {value}")


def refusal(text: str, folder: Path) -> list[str]:
    """The problems that are listed for a parameter file of this text."""
    path = folder / "params.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        load_params(path)
    first, *problems = str(refused.value).split("\n  - ")
    assert first == f"{path} is not valid:"
    return problems
