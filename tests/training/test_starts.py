"""Every method from every start: it is refused before the training, or trained and can be read again."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from safetensors.torch import load_file

from imbalance import catalogue, methods, networks, weights
from imbalance.config import Params, load_params
from imbalance.config.starts import check_starts
from imbalance.data import arrays
from imbalance.data.arrays import Arrays
from imbalance.data.examples import Examples
from imbalance.methods import parse
from imbalance.methods.baseline import Baseline
from imbalance.methods.parts import classifiers
from imbalance.networks.parts.network import Network
from imbalance.subsets.subset import Subset, draw
from imbalance.training.loop import train
from imbalance.training.plan import Attempt, Plan
from imbalance.training.search import Candidate
from tests.builders.training import examples, only_replicate, plan, train_fleets

NAMES = catalogue.names(methods)
SMALL = {
    "differential_evolution": dict(population=5, generations=1),
    "balance_cascade": dict(subsets=2),
    "easy_ensemble": dict(subsets=2),
}
SIZES = np.array([12, 8, 5])

Train = Callable[[str, Baseline], Network]


def block(name: str, start: str) -> dict[str, Any]:
    """The block of a method that costs little; all of them hold out the same images."""
    return {"method": name, "start": start, "validation": 0.1} | SMALL.get(name, {})


def from_scratch(name: str) -> dict[str, Any]:
    """The block of a method from initial weights, or where it cannot, from the baseline's."""
    try:
        parse(block(name, "initial"))
    except ValidationError:
        return block(name, "baseline")
    return block(name, "initial")


# The first method that ends with a head, by the head.
FIRST = {parse(from_scratch(name)).ends_with("own"): name for name in reversed(NAMES)} | {"own": "baseline"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Images of three classes, and initial weights."""
    folder = tmp_path_factory.mktemp("starts")
    training, test = (
        (part.inputs.numpy(), part.labels.numpy().astype(np.uint8))
        for part in (examples(1, (20, 20, 20)), examples(2, (3, 3, 3)))
    )
    arrays.save(Arrays(*training, *test, classes=("a", "b", "c")), folder / "raw")
    network = networks.build("lenet5", (1, 16, 16), 3)
    networks.initialize("lenet5", network, np.random.default_rng(0))
    weights.save(network, folder / "initial", 0, {})
    return folder


def plan_of(folder: Path, method: Baseline) -> tuple[Plan, Subset]:
    """The plan of a training of three iterations, and its subset."""
    shortly = plan(folder, "baseline", batch=8, iterations=3)
    subset = draw(arrays.load(folder / "raw").train_labels, SIZES, np.random.default_rng(0))
    return dataclasses.replace(shortly, method=method, start=folder / method.start), subset


@pytest.fixture(scope="module")
def trained(folder: Path) -> Train:
    """Trains a method's first network under a key, once, and the start that it needs."""
    done: dict[str, Network] = {}
    dataset = arrays.load(folder / "raw")
    test = Examples.from_arrays(dataset.test_images, dataset.test_labels)

    def train_once(key: str, method: Baseline) -> Network:
        if key not in done:
            if method.start != "initial":
                train_once(method.start, parse(from_scratch(method.start)))
            planned, subset = plan_of(folder, method)
            planned, only = only_replicate(planned, subset, folder / key)
            job = planned.job(dataset, test, Attempt(only, Candidate(0.01, 0), 0), [])
            train(job)
            weights.save(job.network, folder / key, 0, {})
            done[key] = job.network
        return done[key]

    return train_once


def refusal(start: str, follower: str) -> str | None:
    """What is said against a method from a start, or None."""
    blocks = {
        "baseline": from_scratch("baseline"),
        start: from_scratch(start),
        "follower": block(follower, start),
    }
    try:
        check_starts({key: parse(each) for key, each in blocks.items()})
    except ValueError as refused:
        return str(refused)
    return None


@pytest.mark.parametrize("start", NAMES)
def test_a_start_is_refused_by_its_name_or_trained_from(start: str, trained: Train) -> None:
    """The networks of starts differ in their heads alone: so every method follows one start of each head."""
    refused = {follower: said for follower in NAMES if (said := refusal(start, follower))}
    assert all(said.startswith(f"follower.start: '{start}' ") for said in refused.values())
    head = parse(from_scratch(start)).ends_with("own")
    assert (len(refused) == len(NAMES)) == (head == "ensemble")
    followers = NAMES if start == FIRST[head] else ["baseline", "crt"]
    for follower in followers:
        if follower not in refused:
            method = parse(block(follower, start))
            network = trained(f"{start}-{follower}", method)
            assert all(tensor.isfinite().all() for tensor in network.state_dict().values())
            if len(method.members()) == 1:
                assert classifiers.describe(network.classifier)["kind"] == method.ends_with(head)


def test_a_start_that_is_refused_is_an_error_of_the_parameters() -> None:
    blocks = {"ldam": from_scratch("ldam"), "follower": block("lws", "ldam")}
    with pytest.raises(
        ValidationError, match=r"Value error, follower\.start: 'ldam' ends with a normalised"
    ) as error:
        Params.model_validate(
            dict(load_params()) | {"methods": {"baseline": from_scratch("baseline")} | blocks}
        )
    assert len(error.value.errors()) == 1


def test_two_phases_from_ldam_keep_its_cosines_and_its_features(folder: Path, trained: Train) -> None:
    method = parse(block("two_phase", "ldam"))
    trained("ldam-two_phase", method)
    before, after = (load_file(folder / key / "000.safetensors") for key in ("ldam", "ldam-two_phase"))
    assert before.keys() == after.keys()
    changed = {name for name, tensor in before.items() if not tensor.equal(after[name])}
    assert changed == {"classifier.weight"}
    planned, subset = plan_of(folder, method)
    train_fleets(planned, [subset], 2, folder / "together")
    alike = load_file(folder / "together/000.safetensors")
    assert (alike["classifier.weight"] - after["classifier.weight"]).norm() < 1e-4
