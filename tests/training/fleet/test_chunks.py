"""Fleets are cut to the size asked for, and to what the memory holds."""

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
import torch
from pydantic import PrivateAttr
from torch import Tensor

from imbalance.errors import InputError
from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.losses import Context
from imbalance.training.fleet.chunks import is_out_of_memory, train_in_fleets
from imbalance.training.jobs import DivergedError, Job
from imbalance.training.loop import train
from tests.training.fleet.examples import apart, jobs

RATES = (0.003, 0.002, 0.001, 0.003, 0.002, 0.001, 0.0005)


class Small(Baseline):
    """A method for a device with room for so many networks, from the third iteration on."""

    room: int
    _seen: list[int] = PrivateAttr(default_factory=list)

    def loss(self, logits: Tensor, targets: Tensor, context: Context) -> Tensor:
        self._seen.append(len(logits))
        if len(logits) > self.room and context.progress > 0.2:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.\nGPU 0 has ...")
        return super().loss(logits, targets, context)


def made(member: int, method: Baseline | None) -> Job:
    """A fresh job; by a `method` of its own, where there is one."""
    job = jobs(iterations=10, rates=RATES)[member]
    return job if method is None else Job(**{**vars(job), "method": method})


def networks_in_fleets(size: int, folder: Path, method: Baseline | None = None) -> list[Job]:
    makers = [partial(made, member, method) for member in range(len(RATES))]
    trained = list(train_in_fleets(makers, size, folder))
    for each in trained:
        assert not isinstance(each.outcome, DivergedError)
        assert each.outcome[-1].iteration == 10
        assert each.fleet <= size
    return [each.job for each in trained]


def assert_trained(found: list[Job]) -> None:
    """They are the jobs, in their order, and trained as they are alone."""
    for member, job in enumerate(found):
        alone, start = made(member, None), made(member, None)
        train(alone)
        assert apart(job.network, alone.network, start.network) < 1e-4


def test_fleets_of_at_most_the_size(tmp_path: Path) -> None:
    roomy = Small(start="initial", room=99)
    assert_trained(networks_in_fleets(3, tmp_path, roomy))
    assert roomy._seen == [3] * 10 + [3] * 10 + [1] * 10


def test_too_little_memory_halves_the_fleet_and_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small = Small(start="initial", room=2)
    assert_trained(networks_in_fleets(7, tmp_path, small))
    # seven and three are too many; what was begun is begun again, to the same weights
    assert [
        size for size, after in zip(small._seen, [*small._seen[1:], 0], strict=True) if size != after
    ] == [
        7,
        3,
        1,
    ]
    said = capsys.readouterr().err
    assert "7 networks together are too many for the memory; goes on with 3" in said
    assert "for the same weights next time, set `fleet: 1`" in said


def test_not_even_one_fits(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"too little memory even for one network \(CUDA out of memory"):
        networks_in_fleets(2, tmp_path, Small(start="initial", room=0))


def test_other_errors_are_not_taken_for_want_of_memory(tmp_path: Path) -> None:
    class Broken(Baseline):
        def loss(self, logits: Tensor, targets: Tensor, context: Context) -> Tensor:
            raise RuntimeError("shapes do not agree")

    with pytest.raises(RuntimeError, match="shapes do not agree"):
        networks_in_fleets(2, tmp_path, Broken(start="initial"))


def test_a_processors_memory_that_ends_is_known() -> None:
    """Really: a process that may have no more than it has, and asks for 64 GiB."""
    script = (
        "import resource, torch\n"
        "from imbalance.training.fleet.chunks import is_out_of_memory\n"
        "resource.setrlimit(resource.RLIMIT_AS, (32 << 30, 32 << 30))\n"
        "try:\n"
        "    torch.zeros(16 << 30)\n"
        "except RuntimeError as error:\n"
        "    print(is_out_of_memory(error))\n"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, env=os.environ | {"PYTHONPATH": "."}, capture_output=True, text=True)
    assert done.stdout == "True\n", done.stderr


def test_want_of_memory_is_known_behind_the_error_that_it_led_to() -> None:
    assert not is_out_of_memory(RuntimeError("shapes do not agree"))
    ended = RuntimeError("the capture was invalidated")
    assert not is_out_of_memory(ended)
    ended.__context__ = torch.OutOfMemoryError("CUDA out of memory.")
    assert is_out_of_memory(ended)
    for words in ("CUDA error: out of memory", "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling ..."):
        assert is_out_of_memory(RuntimeError(words))
