"""Catalogues: packages in which every module is one choice, a method or a network, found by its name."""

import importlib
import pkgutil
from collections.abc import Iterable
from difflib import get_close_matches
from types import ModuleType

from imbalance.errors import InputError


def names(package: ModuleType) -> list[str]:
    """The choices that a package offers: its modules' names, sorted; what they share is in packages."""
    return sorted(module.name for module in pkgutil.iter_modules(package.__path__) if not module.ispkg)


def check(package: ModuleType, name: str) -> None:
    """Raise an `InputError` with the nearest valid name where the catalogue has no `name`."""
    kind = package.__name__.rpartition(".")[2].removesuffix("s")
    if name not in names(package):
        raise InputError(f"no {kind} '{name}'; {suggestion(name, names(package))}")


def load(package: ModuleType, name: str) -> ModuleType:
    """The module `name` of a catalogue."""
    check(package, name)
    return importlib.import_module(f"{package.__name__}.{name}")


def suggestion(wrong: str, valid: Iterable[str]) -> str:
    """The end of an error message: the nearest valid name, if any is near, and all of them."""
    choices = sorted(valid)
    begun = [choice for choice in choices if wrong and choice.startswith(wrong)]
    nearest = begun or get_close_matches(wrong, choices, n=1)
    begin = f"did you mean '{nearest[0]}'? Choose" if nearest else "choose"
    return f"{begin} from: {', '.join(choices)}."
