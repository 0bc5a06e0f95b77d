"""Catalogue of methods: one file per method, with a class of the same name in CamelCase."""

import sys
from collections.abc import Mapping
from typing import Any

from imbalance import catalogue
from imbalance.methods.baseline import Baseline


def parse(block: Mapping[str, Any]) -> Baseline:
    """Build a method from its block of `params.yaml`: `method` names its file, the rest are hyper-parameters.

    Raises `InputError` for an unknown method, and pydantic's `ValidationError` for bad hyper-parameters.
    """
    hyperparameters = dict(block)
    name = str(hyperparameters.pop("method", "baseline"))
    module = catalogue.load(sys.modules[__name__], name)
    return getattr(module, class_name(name)).model_validate(hyperparameters)


def class_name(name: str) -> str:
    """Return the name of the class in a method's file: two_phase -> TwoPhase."""
    return name.title().replace("_", "")
