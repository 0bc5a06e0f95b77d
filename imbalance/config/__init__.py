"""`params.yaml`, checked strictly: an unknown key or a bad value ends the run before anything is computed."""

from pathlib import Path

from pydantic import ValidationError

from imbalance.config.loader import load
from imbalance.config.parameters import Params as Params
from imbalance.config.sentences import sentence
from imbalance.errors import InputError


def load_params(path: Path = Path("params.yaml")) -> Params:
    """Read and check the parameters; an `InputError` lists all that is wrong, with what is right."""
    raw = load(path)
    try:
        return Params.model_validate(raw)
    except ValidationError as error:
        problems = [f"  - {sentence(details, raw)}" for details in error.errors()]
    raise InputError("\n".join([f"{path} is not valid:", *problems]))
