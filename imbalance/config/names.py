"""Types of the names in params.yaml: data sets, networks, methods. Errors suggest the nearest valid name."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator

from imbalance import catalogue, methods, networks
from imbalance.catalogue import suggestion
from imbalance.datasets.known import NAMES
from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.class_weights import LEAST, MOST
from imbalance.strict import UNSEEN, shown

# Class weights in one word; of each the scale cancels, as in torch's own weighted mean.
WEIGHTS: dict[str, dict[str, Any]] = {
    "equal": {"name": "equal"},
    "inverse": {"name": "inverse"},
    "sqrt": {"name": "inverse", "power": 0.5},
    "effective": {"name": "class_balanced"},
}
IN_FULL = {"normalisation", "after", "power", "beta", "values"}  # parameters of weights, no classes


def _dataset(name: Any) -> Any:
    """Validate the name of a data set."""
    if name not in NAMES:
        raise ValueError(f"no dataset {shown(name)}; {suggestion(str(name), NAMES)}")
    return name


def _network(name: Any) -> Any:
    """Validate the name of a network."""
    networks.check(str(name))
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
    if "weights" in block:
        block = block | {"weights": _class_weights(block["weights"])}
    return methods.parse(block)


def _class_weights(given: Any) -> Any:
    """Return class weights in full, given as one word, or as a mapping from names of classes."""
    if isinstance(given, str):
        if given not in WEIGHTS:
            raise ValueError(f"weights: no '{given}'; {suggestion(given, WEIGHTS)}")
        return WEIGHTS[given]
    if not isinstance(given, dict) or isinstance(given.get("name"), str) or given.keys() & IN_FULL:
        return given
    if not given:
        raise ValueError(f"weights: name a class, as in {{tumour: 5}}, or choose from: {', '.join(WEIGHTS)}")
    for name, value in given.items():
        if name in UNSEEN:
            raise ValueError(
                f"weights: '{name}' is a name that DVC's run-cache takes no notice of, so that changes of "
                f"its weight would be lost; write {{name: given, values: [[{name}, 2]]}}"
            )
        if type(name) not in (str, int):
            raise ValueError(f"weights: {shown(name)} is no name of a class; if it is one, put it in quotes")
        if type(value) not in (int, float) or not LEAST <= value <= MOST:
            raise ValueError(
                f"weights: {shown(value)} for '{name}'; give a number from {LEAST:f} to {MOST:.0f}"
            )
    return {"name": "given", "values": given}


DatasetName = Annotated[str, BeforeValidator(_dataset)]
NetworkName = Annotated[str, BeforeValidator(_network)]
MethodName = Annotated[str, BeforeValidator(_key)]
Method = Annotated[Baseline, BeforeValidator(_method)]
