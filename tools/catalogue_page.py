"""The page of all methods: kind, cost, hyper-parameters, equations, combinations, and what studies found."""

import inspect
import textwrap
from typing import Any

from pydantic import BaseModel

from imbalance import catalogue, methods
from imbalance.methods import parse
from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.samplers import Instance
from tools.findings import methods as findings

COST = {"network": "a network", "classifier": "a classifier", "nothing": "nothing"}


def catalogue_page() -> str:
    """Return the page of all methods: kind, trained part, hyper-parameters, citation, equation, findings."""
    found = findings.lines()
    names = sorted(catalogue.names(methods), key=lambda name: (name != "baseline", name))
    rows = [
        "# The methods",
        "",
        "Made from the files of this folder by `make pages`. *Trains* is the cost: the baseline's is one",
        "network; a classifier is trained on features that are computed once. Every method also takes",
        "the baseline's `start`, `lr_factor` and `validation`, and its `sampler` and `weights` unless",
        "*Combines* says that it does not go with them. *Found* is its place by its mean rank; its",
        "difference in % points, with a 95 % interval, under the decision rule argmax, and whether it is",
        "significant after Holm's correction for all pairs of methods of the study; and its cost, in",
        "iterations of a whole network (those of its start, too, but not how long one takes).",
        "",
        "| method | kind | trains | hyper-parameters |",
        "|---|---|---|---|",
        *(_row(name, _example(name)) for name in names),
    ]
    sections = [_section(name, found.get(name, "")) for name in names]
    return "\n".join(rows) + "\n\n" + "\n".join(sections)


def _example(name: str) -> Baseline:
    """Return a method with its default hyper-parameters, started from trained networks."""
    return parse({"method": name, "start": "baseline"})


def _row(name: str, method: Baseline) -> str:
    """Return a method's line in the catalogue's table."""
    members, common = len(method.members()), Baseline.model_fields
    trains = COST[method.trains] if members == 1 else f"{members} networks"
    defaults = {
        key: field.default
        for key, field in type(method).model_fields.items()
        if key not in common or field.default != common[key].default
    }
    listed = ", ".join(f"`{key}: {_value(default)}`" for key, default in defaults.items())
    return f"| [{name}](#{name}) | {method.kind} | {trains} | {listed} |"


def _value(default: Any) -> str:
    """Return a default value as written in `params.yaml`."""
    if isinstance(default, BaseModel):
        fields = type(default).model_fields
        set_ = {key: value for key, value in default if key == "name" or value != fields[key].default}
        return f"{{{', '.join(f'{key}: {_value(value)}' for key, value in set_.items())}}}"
    return "null" if default is None else str(default).lower() if isinstance(default, bool) else str(default)


def _section(name: str, found: str) -> str:
    """Return a method's section: the docstrings of its module and its class, and what was `found` of it."""
    method = _example(name)
    text = (catalogue.load(methods, name).__doc__ or "").strip()  # getdoc would dedent the equations
    meaning = inspect.getdoc(method) or ""
    below = [f"**Combines** {combines(method)}.", *filter(None, [found])]
    wrapped = "\n\n".join(textwrap.fill(line, 110, break_long_words=False) for line in below)
    return f"## {name}\n\n{text}\n\n{meaning}\n\n{wrapped}\n"


def combines(method: Baseline) -> str:
    """Return with which samplers, weights, starts, networks and devices a method goes together."""
    kind, trained = type(method), method.trains != "nothing"
    own_sampler = kind.epochs is not Baseline.epochs and isinstance(
        kind.model_fields["sampler"].default, Instance
    )
    goes = {
        "any sampler": trained and not own_sampler,
        "any class weights": trained and method.has_losses,
        "any network": not method.needs_linear_classifier,
        "fleets": not method.asks_the_network and kind.refresh is Baseline.refresh,
    }
    not_ = {
        "a sampler (it has its own)": trained and own_sampler,
        "class weights (it has no losses of examples)": trained and not method.has_losses,
        "all_cnn (its classifier is not linear)": method.needs_linear_classifier,
        "tables": method.needs_images,
        "untrained networks as its start": method.needs_trained_start,
        "normalised classifiers as its start": "normalised" not in method.goes_on_from,
        "fleets (it asks the network)": not goes["fleets"],
        "methods that start from it (it ends as several networks)": method.ends_with("own") == "ensemble",
    }
    with_ = [name for name, does in goes.items() if does]
    without = [name for name, does in not_.items() if does]
    listed = [f"with {', '.join(with_)}"] * bool(with_) + [f"not with {', '.join(without)}"] * bool(without)
    return "; ".join(listed)
