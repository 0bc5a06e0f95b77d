"""Strict validation of `params.yaml`: an unknown key or bad value ends a run before anything is computed."""

from pathlib import Path

from pydantic import ValidationError

from imbalance.config.loader import load
from imbalance.config.parameters import Params as Params
from imbalance.config.sentences import sentence
from imbalance.errors import InputError


def load_params(path: Path = Path("params.yaml")) -> Params:
    """Read and check the parameters; raises an `InputError` that lists all errors and how to mend them."""
    raw = load(path)
    try:
        return Params.model_validate(raw)
    except ValidationError as error:
        problems = [f"  - {sentence(details, raw)}" for details in error.errors()]
    raise InputError("\n".join([f"{path} is not valid:", *problems]))
