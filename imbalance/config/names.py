"""Types of the names in params.yaml: data sets, networks, methods. Errors suggest the nearest valid name."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator

from imbalance import catalogue, methods, networks
from imbalance.catalogue import suggestion
from imbalance.datasets.known import NAMES
from imbalance.methods.baseline import Baseline
from imbalance.strict import shown


def _dataset(name: Any) -> Any:
    """Validate the name of a data set."""
    if name not in NAMES:
        raise ValueError(f"no dataset {shown(name)}; {suggestion(str(name), NAMES)}")
    return name


def _network(name: Any) -> Any:
    """Validate the name of a network."""
    catalogue.check(networks, str(name))
    return name


def _key(key: Any) -> Any:
    """Validate a key under `methods`, which also names files."""
    if not isinstance(key, str) or key == "initial" or not re.fullmatch(r"[a-z][a-z0-9_]{,99}", key):
        raise ValueError(
            f"{shown(key)} cannot name a method; use lower-case letters, digits, _ (and not 'initial')"
        )
    return key


def _method(block: Any) -> Baseline:
    """Build a method from its block of `params.yaml`."""
    if not isinstance(block, dict):
        raise ValueError("must be a mapping, like {method: oversampling, start: initial}")
    if not isinstance(block.get("method"), str):
        raise ValueError(f"`method` must name a method; {suggestion('', catalogue.names(methods))}")
    return methods.parse(block)


DatasetName = Annotated[str, BeforeValidator(_dataset)]
NetworkName = Annotated[str, BeforeValidator(_network)]
MethodName = Annotated[str, BeforeValidator(_key)]
Method = Annotated[Baseline, BeforeValidator(_method)]
