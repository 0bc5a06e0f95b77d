"""Parameters are seen by DVC: no key has a name that its run-cache leaves out of what it hashes."""

import copy
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from dvc.stage import cache

import imbalance
from imbalance import catalogue, methods, networks
from imbalance.datasets.known import NAMES
from imbalance.strict import UNSEEN, Strict


def key_of_run_cache(parameters: object) -> str:
    """The name under which DVC looks for the results of a stage with these parameters."""
    stage = {"cmd": "x", "deps": [], "params": {"params.yaml": parameters}, "outs": [{"path": "y"}]}
    return str(cache._get_cache_hash(stage, key=True))


def models() -> set[type[Strict]]:
    """Every model of parameters: the whole, its parts, recipes, samplers, the methods of the catalogue."""
    for module in pkgutil.walk_packages(imbalance.__path__, "imbalance."):
        importlib.import_module(module.name)
    found, new = set[type[Strict]](), {Strict}
    while new:
        found |= new
        new = {model for known in new for model in known.__subclasses__()} - found
    return {model for model in found if model.__module__.startswith("imbalance.")}


def test_what_the_run_cache_leaves_out_is_what_we_say(monkeypatch: pytest.MonkeyPatch) -> None:
    left_out: list[str] = []
    monkeypatch.setattr(cache, "dict_sha256", lambda _, exclude: left_out.extend(exclude))
    key_of_run_cache({})
    assert set(left_out) == UNSEEN
    monkeypatch.undo()
    for name in UNSEEN:
        assert key_of_run_cache({"a": [{name: 1}]}) == key_of_run_cache({"a": [{name: 2}]})


@pytest.mark.parametrize("model", sorted(models(), key=repr), ids=lambda model: model.__name__)
def test_no_parameter_has_a_name_that_the_run_cache_leaves_out(model: type[Strict]) -> None:
    assert not UNSEEN & model.model_fields.keys()


def test_nothing_that_a_run_can_choose_by_name_has_one() -> None:
    assert not UNSEEN & {*catalogue.names(methods), *catalogue.names(networks), *NAMES}


def changes(value: Any) -> Iterator[Any]:
    """The same parameters with one value changed, for every value in them."""
    if isinstance(value, dict | list):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            for changed in changes(part):
                other = copy.copy(value)
                other[key] = changed
                yield other
    else:
        yield [value]


@pytest.mark.parametrize("path", ["params.yaml", "studies/fashion_catalogue/params.yaml"])
def test_a_change_of_any_value_is_another_run(path: str) -> None:
    parameters = yaml.safe_load(Path(path).read_text())
    keys = [key_of_run_cache(each) for each in (parameters, *changes(parameters))]
    assert len(set(keys)) == len(keys) > 100
