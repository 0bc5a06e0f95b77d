"""The step of a fleet is one compiled whole; what a GPU alone can do is in test_gpu.py."""

import shutil
import sysconfig
from pathlib import Path

import pytest
import torch

from imbalance.errors import InputError
from imbalance.training.fleet import loop
from imbalance.training.fleet.capturing import Repeated, compiled
from tests.training.fleet.examples import apart, jobs


def test_a_processor_just_does_it() -> None:
    done: list[int] = []
    step = Repeated(lambda: done.append(len(done)), torch.device("cpu"))
    for _ in range(6):
        step()
    assert done == [0, 1, 2, 3, 4, 5]
    assert compiled(len, torch.device("cpu")) is len


def test_a_gpu_without_pythons_headers_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CC", "gcc")
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(tmp_path))
    with pytest.raises(InputError, match=r"Python\.h is missing; install your Python's headers"):
        compiled(len, torch.device("cuda"))


def test_a_gpu_without_a_compiler_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CC", raising=False)
    with pytest.raises(InputError, match="no C compiler here; install gcc"):
        compiled(len, torch.device("cuda"))


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("g++") is None, reason="torch compiles for processors with g++")
@pytest.mark.parametrize(
    ("network", "method", "iterations"),
    [("lenet5", "ldam", 12), ("small_cnn", "baseline", 3), ("all_cnn", "focal", 3)],
)
def test_a_compiled_fleet_is_the_fleet_and_so_is_the_next_one(
    network: str, method: str, iterations: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one graph, without a break; nothing of one fleet's data may stay in the kernels for the next."""
    settings = dict(network=network, method=method, iterations=iterations, augmentation={"padding": 1})
    expected, starts = jobs(**settings), jobs(**settings)
    loop.train(expected)

    def whole(function: object, device: torch.device) -> object:
        return torch.compile(function, fullgraph=True, dynamic=False)

    monkeypatch.setattr(loop, "compiled", whole)
    torch._dynamo.reset()
    torch._dynamo.utils.counters.clear()
    for order in ([2, 1, 0], [0, 1, 2]):  # other data at each place
        made = jobs(**settings)
        loop.train([made[member] for member in order])
    for job, other, start in zip(made, expected, starts, strict=True):
        assert apart(job.network, other.network, start.network) < 1e-3
    graphs = torch._dynamo.utils.counters["stats"]["unique_graphs"]
    assert graphs == 2, "the second fleet was compiled anew"
