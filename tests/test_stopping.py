"""Ctrl-C, SIGTERM and SIGKILL: nothing is left running, and the next run ends with the same bytes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from imbalance.checkpoints import iterations_done
from tests.repository import TINY, copy_of_working_tree, dvc_in, settings

ENVIRONMENT = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose training of the baseline takes half a minute, up to that training."""
    folder = tmp_path_factory.mktemp("repository")
    copy_of_working_tree(folder)
    longer = [*TINY, "recipes.digits.iterations=40000"]
    dvc_in(folder)("exp", "run", *settings(*longer), "subset", "initialize")
    return folder


def start(folder: Path, *words: str) -> subprocess.Popen[str]:
    """Start a Python module as a process group of its own, as a shell does."""
    return subprocess.Popen(
        [sys.executable, "-m", *words],
        cwd=folder,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def running_in(folder: Path) -> list[int]:
    """The processes at work in a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if process.joinpath("cwd").resolve() == folder.resolve():
                found.append(int(process.name))
        except OSError:
            pass  # it has ended
    return found


def wait_for(condition: object, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def iterations_done_in(folder: Path) -> int:
    return sum(map(iterations_done, (folder / ".checkpoints").glob("*")))


@pytest.mark.parametrize(
    ("number", "whom"),
    [
        (signal.SIGINT, "group"),  # Ctrl-C
        (signal.SIGTERM, "group"),
        (signal.SIGTERM, "dvc"),
        (signal.SIGKILL, "dvc"),
    ],
)
def test_a_signal_ends_all_within_two_seconds_and_a_checkpoint_stays(
    number: signal.Signals, whom: str, repository: Path
) -> None:
    before = iterations_done_in(repository)
    process = start(repository, "dvc", "repro", "train@baseline")
    wait_for(lambda: iterations_done_in(repository) > before, 60)
    (os.killpg if whom == "group" else os.kill)(process.pid, number)
    wait_for(lambda: not running_in(repository), 2)
    output, _ = process.communicate()
    assert "Traceback" not in output
    assert "KeyboardInterrupt" not in output
    assert process.returncode != 0
    if whom == "group":
        assert "goes on from the last checkpoint" in output
