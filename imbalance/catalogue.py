"""Catalogues: packages in which every module is one choice, a method or a network, loaded by its name."""

import importlib
import pkgutil
from collections.abc import Iterable
from difflib import get_close_matches
from types import ModuleType

from imbalance.errors import InputError


def names(package: ModuleType) -> list[str]:
    """Return the choices of a catalogue: the sorted names of its modules, without its sub-packages."""
    return sorted(module.name for module in pkgutil.iter_modules(package.__path__) if not module.ispkg)


def check(package: ModuleType, name: str) -> None:
    """Raise an `InputError` that suggests the nearest valid name if the catalogue has no module `name`."""
    kind = package.__name__.rpartition(".")[2].removesuffix("s")
    if name not in names(package):
        raise InputError(f"no {kind} '{name}'; {suggestion(name, names(package))}")


def load(package: ModuleType, name: str) -> ModuleType:
    """Import the module `name` of a catalogue; raises `InputError` as `check` does."""
    check(package, name)
    return importlib.import_module(f"{package.__name__}.{name}")


def suggestion(wrong: str, valid: Iterable[str]) -> str:
    """Return the end of an error message: the nearest valid name, if one is near, and all valid names."""
    choices = sorted(valid)
    begun = [choice for choice in choices if wrong and choice.startswith(wrong)]
    nearest = begun or get_close_matches(wrong, choices, n=1)
    begin = f"did you mean '{nearest[0]}'? Choose" if nearest else "choose"
    return f"{begin} from: {', '.join(choices)}."
