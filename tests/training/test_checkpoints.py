"""A training that was stopped anywhere ends with the same bytes, for every kind of method."""

import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from imbalance import catalogue, methods, weights
from imbalance.data.examples import Examples
from imbalance.errors import InputError
from imbalance.networks import build, initialize
from imbalance.networks.parts.network import Network
from imbalance.training import checkpoints
from imbalance.training.checkpoints import Checkpoint, iterations_done, remove_stale
from imbalance.training.jobs import Job
from imbalance.training.loop import train
from imbalance.training.records import CurvePoint
from tests.builders.training import examples, recipe

ITERATIONS = 24
# A method that changes nothing but the loss of the logits resumes as the baseline does.
HOOKS = ("head", "prepare", "state", "refresh", "epochs", "mix", "finish")
BASELINE = methods.parse({"method": "baseline", "start": "baseline"})
RESUMED = [
    name
    for name in catalogue.names(methods)
    if (method := methods.parse({"method": name, "start": "baseline"})).trains != "nothing"
    if name == "baseline"
    or any(getattr(type(method), hook) is not getattr(type(BASELINE), hook) for hook in HOOKS)
    or (method.sampler, method.weights) != (BASELINE.sampler, BASELINE.weights)
]
TENSORS = {"a": torch.arange(6.0).reshape(2, 3), "b": torch.tensor(3)}


class StopError(Exception):
    """The power is cut."""


def standardised(images: Examples) -> Examples:
    """The images as floats around zero."""
    return Examples(images.inputs.float() / 128 - 1, images.labels)


def trained(
    name: str, file: Path | None, stop_at: int | None = None, architecture: str = "lenet5"
) -> tuple[dict[str, torch.Tensor], list[CurvePoint], int]:
    """Weights, curve, and the number of iterations that were really trained."""
    block: dict[str, Any] = {"method": name, "start": "baseline"}
    method = methods.parse(block).members()[0]
    network: Network = build(architecture, (1, 16, 16), 3)
    initialize(architecture, network, np.random.default_rng(0))
    steps = 0

    class Counting(type(method)):  # type: ignore[misc]
        def loss(self, *arguments: Any) -> torch.Tensor:
            nonlocal steps
            if steps == stop_at:
                raise StopError
            steps += 1
            return super().loss(*arguments)

    counting = Counting.model_construct(**dict(method))
    checkpoint = Checkpoint(file, save_seconds=0) if file else None
    parts = examples(1), examples(2, (8, 8, 8)), examples(3)
    curve = train(
        Job(
            network,
            counting,
            recipe(batch=10),
            ITERATIONS,
            *(each if architecture == "lenet5" else standardised(each) for each in parts),
            np.random.default_rng(4),
        ),
        checkpoint,
    )
    return network.state_dict(), curve, steps


@pytest.mark.parametrize("name", RESUMED)
def test_a_stopped_training_goes_on_to_the_same_bytes(name: str, tmp_path: Path) -> None:
    expected, expected_curve, steps = trained(name, None)
    file = tmp_path / "0.safetensors"
    assert steps == ITERATIONS
    for _ in range(2):  # stopped twice: after 9 iterations, and after 9 more
        with pytest.raises(StopError):
            trained(name, file, stop_at=9)
    ended, curve, left = trained(name, file)
    assert left == ITERATIONS - 18
    assert curve == expected_curve
    assert all(torch.equal(ended[key], expected[key]) for key in expected)
    assert trained(name, file)[2] == 0, "the last checkpoint is that of the end"


@pytest.mark.parametrize("architecture", ["all_cnn", "small_cnn"])
def test_dropout_and_running_statistics_survive_a_stop(architecture: str, tmp_path: Path) -> None:
    expected, expected_curve, _ = trained("baseline", None, architecture=architecture)
    file = tmp_path / "0.safetensors"
    with pytest.raises(StopError):
        trained("baseline", file, stop_at=9, architecture=architecture)
    torch.manual_seed(1)  # another process
    ended, curve, left = trained("baseline", file, architecture=architecture)
    assert left == ITERATIONS - 9
    assert curve == expected_curve
    assert all(torch.equal(ended[key], expected[key]) for key in expected)


def test_that_of_another_network_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "0.safetensors"
    trained("baseline", file, architecture="small_cnn")
    with pytest.raises(InputError, match=rf"^{file} is the checkpoint of another network; delete it and run"):
        trained("baseline", file)


def test_what_is_no_state_of_a_training_is_one_sentence(tmp_path: Path) -> None:
    Checkpoint(tmp_path / "0.safetensors").save(TENSORS)
    with pytest.raises(InputError, match="is the checkpoint of another network"):
        trained("baseline", tmp_path / "0.safetensors")


def test_a_checkpoint_comes_back_as_it_was(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "task/0.safetensors")
    assert checkpoint.load() == {}
    checkpoint.save(TENSORS)
    loaded = checkpoint.load()
    assert loaded.keys() == TENSORS.keys()
    assert all(torch.equal(loaded[name], tensor) for name, tensor in TENSORS.items())
    assert [path.name for path in (tmp_path / "task").iterdir()] == ["0.safetensors"]


@pytest.mark.parametrize("damage", [b"", b"junk", None])
def test_a_damaged_checkpoint_is_none(damage: bytes | None, tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "0.safetensors")
    checkpoint.save(TENSORS)
    whole = (tmp_path / "0.safetensors").read_bytes()
    (tmp_path / "0.safetensors").write_bytes(whole[:-1] if damage is None else damage)
    assert checkpoint.load() == {}


def test_the_old_one_stays_until_the_new_one_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint = Checkpoint(tmp_path / "0.safetensors")
    checkpoint.save(TENSORS)

    def cut(tensors: object, file: Path, metadata: object) -> None:
        file.write_bytes(b"half of i")
        raise StopError

    monkeypatch.setattr(weights, "save_file", cut)
    with pytest.raises(StopError):
        checkpoint.save({"a": torch.zeros(1)})
    assert torch.equal(checkpoint.load()["a"], TENSORS["a"])


def test_where_none_can_be_written_the_error_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="make room or give permission"):
        Checkpoint(tmp_path / "file/0.safetensors").save(TENSORS)


def test_iterations_are_noted_now_and_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert iterations_done(tmp_path) == 0
    for member, iteration in (("0", 12), ("1", 30)):
        checkpoint = Checkpoint(tmp_path / f"{member}.safetensors")
        checkpoint.note(1)
        now = time.monotonic()
        monkeypatch.setattr(time, "monotonic", lambda now=now: now + checkpoints.NOTE_SECONDS)
        checkpoint.note(iteration)
    assert iterations_done(tmp_path) == 42


def test_only_stale_checkpoints_are_removed(tmp_path: Path) -> None:
    for name in ("stale", "new"):
        Checkpoint(tmp_path / name / "0.safetensors").save(TENSORS)
    long_ago = time.time() - checkpoints.STALE_SECONDS - 60
    os.utime(tmp_path / "stale", (long_ago, long_ago))
    remove_stale(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["new"]
    remove_stale(tmp_path / "no such folder")
