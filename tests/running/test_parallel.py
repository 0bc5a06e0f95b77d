"""The same tasks on this machine, and on a real Dask cluster of a scheduler and two workers."""

import dataclasses
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from imbalance import weights
from imbalance.errors import InputError
from imbalance.running.parallel import VARIABLE, run_all, run_team
from imbalance.training.replicate import train_replicate
from tests.builders.training import plan, subset


def double(number: int) -> int:
    return 2 * number


def die(number: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_results_come_in_order() -> None:
    assert run_all(double, [(3,), (1,), (2,)]) == [6, 2, 4]


def test_a_killed_worker_is_a_clear_error() -> None:
    with pytest.raises(InputError, match="a worker process was killed"):
        run_all(die, [(1,), (2,)])
    assert run_all(double, [(1,)]) == [2], "and the next call has workers again"


def test_a_team_of_which_one_fails_is_a_clear_error() -> None:
    with pytest.raises(InputError, match="one of 2 processes failed; its message is above"):
        run_team(2, "no_such_module")


@pytest.mark.parametrize("name", ["dsk:tcp://127.0.0.1:1", "dask", "dask:", "ray:", ""])
def test_an_unknown_executor_names_the_known(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, name)
    with pytest.raises(InputError, match="choose local, dask:"):
        run_all(double, [(1,)])


def test_a_scheduler_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "dask:tcp://127.0.0.1:9")
    with pytest.raises(InputError, match=r"dask:tcp://127\.0\.0\.1:9: no Dask scheduler answers"):
        run_all(double, [(1,)])


class Cluster:
    """A scheduler and two workers, each a process of its own, as a user starts them."""

    def __init__(self, folder: Path) -> None:
        self.processes: list[subprocess.Popen[str]] = []
        self._folder = folder
        scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        assert scheduler.stderr is not None
        for line in scheduler.stderr:
            if found := re.search(r"Scheduler at:\s+(tcp://\S+)", line):
                self.address = found[1]
                break
        self.workers = [
            self._start(
                "worker",
                self.address,
                "--nthreads",
                "1",
                "--no-nanny",
                "--no-dashboard",
                "--preload",
                "stages",
            )
            for _ in range(2)
        ]

    def _start(self, *words: str) -> subprocess.Popen[str]:
        environment = os.environ | {"PYTHONPATH": os.getcwd()}
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *words],
            cwd=self._folder,
            env=environment,
            stderr=subprocess.PIPE if words[0] == "scheduler" else subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        self.processes.append(process)
        return process

    def stop(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    started = Cluster(tmp_path)
    yield started
    started.stop()


def bytes_of_three(data: Path, out: Path) -> list[bytes]:
    """The weights' files of three replicates, trained by whatever IMBALANCE_EXECUTOR says."""
    same = dataclasses.replace(plan(data, "oversampling", iterations=150), out=out)
    replicates = same.replicates([subset(data)] * 3, out / "checkpoints")
    run_all(train_replicate, [(same, replicate) for replicate in replicates])
    return [weights.path(out, replicate).read_bytes() for replicate in range(3)]


@pytest.mark.slow
def test_a_dask_cluster_gives_the_same_bytes_even_if_a_worker_dies(
    data: Path,
    tmp_path: Path,
    cluster: Cluster,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = bytes_of_three(data, tmp_path / "here")
    monkeypatch.setenv(VARIABLE, f"dask:{cluster.address}")
    out = tmp_path / "there"

    def kill_one() -> None:
        while not list(out.glob("checkpoints/*/*.iteration")):
            time.sleep(0.05)
        cluster.workers[0].kill()

    killer = threading.Thread(target=kill_one)
    killer.start()
    there = bytes_of_three(data, out)
    killer.join()
    assert cluster.workers[0].poll() is not None
    assert there == here
