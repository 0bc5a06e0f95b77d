"""Strict validation of `params.yaml`: an unknown key or bad value ends a run before anything is computed."""

from pathlib import Path

from imbalance.config.parameters import Params as Params
from imbalance.config.study import PARAMS as PARAMS
from imbalance.config.study import Study as Study
from imbalance.config.study import load_study as load_study


def load_params(path: Path = PARAMS) -> Params:
    """Read and check the parameters of a run, or those that all conditions of a study share.

    Raises an `InputError` that lists all errors and how to mend them.
    """
    return load_study(path).common
