"""Ctrl-C, SIGTERM and SIGKILL: nothing is left running, and the next run ends with the same bytes."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
import yaml

from tests.repository import TINY, copy_of_working_tree, dvc_in, settings

pytestmark = pytest.mark.long
ENVIRONMENT = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}

KILLS = [
    (signal.SIGINT, os.killpg),  # Ctrl-C
    (signal.SIGKILL, os.kill),  # to DVC alone
    (signal.SIGTERM, os.killpg),
    (signal.SIGTERM, os.kill),
]
LONGER = [*TINY, "recipes.digits.lenet5.iterations=40000"]


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose training of the baseline takes half a minute, up to that training."""
    folder = tmp_path_factory.mktemp("repository")
    copy_of_working_tree(folder)
    dvc_in(folder)("exp", "run", *settings(*LONGER), "subset", "initialize")
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


def checkpoints_in(folder: Path) -> set[tuple[Path, int]]:
    """The checkpoints as they are now, each with the time of its writing."""
    files = (folder / ".checkpoints").glob("*/*.safetensors")
    return {(file, file.stat().st_mtime_ns) for file in files}


@pytest.mark.parametrize(
    ("number", "kill"), [KILLS[0], *(pytest.param(*each, marks=pytest.mark.slow) for each in KILLS[1:])]
)
def test_a_signal_ends_all_within_two_seconds_and_a_checkpoint_stays(
    number: signal.Signals, kill: Callable[[int, int], None], repository: Path
) -> None:
    before = checkpoints_in(repository)
    process = start(repository, "dvc", "repro", "train@baseline")
    wait_for(lambda: checkpoints_in(repository) - before, 60)
    kill(process.pid, number)
    wait_for(lambda: not running_in(repository), 2)
    output, _ = process.communicate()
    assert "Traceback" not in output
    assert "KeyboardInterrupt" not in output
    assert process.returncode != 0
    assert {file for file, _ in checkpoints_in(repository)} >= {file for file, _ in before}
    assert checkpoints_in(repository) - before
    if kill is os.killpg:
        assert "goes on from the last checkpoint" in output


@pytest.mark.slow
@pytest.mark.parametrize(("number", "kill"), KILLS[:2])
def test_a_team_ends_with_its_stage(
    number: signal.Signals, kill: Callable[[int, int], None], repository: Path, tmp_path: Path
) -> None:
    """Its processes are in sessions of their own, which Ctrl-C does not reach."""
    copy = tmp_path / "copy"
    shutil.copytree(repository, copy)
    params = yaml.safe_load((copy / "params.yaml").read_text()) | {"processes": 2}
    params["recipes"]["digits"]["lenet5"] |= {"iter_size": 2, "iterations": 4000}
    (copy / "params.yaml").write_text(yaml.safe_dump(params))
    before = checkpoints_in(copy)
    process = start(copy, "dvc", "repro", "--single-item", "train@baseline")
    wait_for(lambda: checkpoints_in(copy) - before, 90)
    assert len(running_in(copy)) >= 4, "DVC, the stage and two that train"
    kill(process.pid, number)
    wait_for(lambda: not running_in(copy), 2)
    output, _ = process.communicate()
    assert "Traceback" not in output
    assert process.returncode != 0


def test_stopped_while_it_imports_a_stage_leaves_no_traceback(repository: Path) -> None:
    environment = ENVIRONMENT | {"DVC_STAGE": "train@baseline"}
    stage = subprocess.Popen(
        [sys.executable, "-m", "stages.train", "baseline"],
        cwd=repository,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    time.sleep(0.6)
    stage.send_signal(signal.SIGINT)
    output, _ = stage.communicate(timeout=2)
    assert "Traceback" not in output
    assert stage.returncode == 130


@pytest.mark.slow
def test_stopped_four_times_it_ends_with_the_lock_of_an_unbroken_run(
    repository: Path, tmp_path: Path
) -> None:
    copy_of_working_tree(tmp_path)
    dvc_in(tmp_path, workers=2)("exp", "run", *settings(*LONGER), "train@baseline")
    dvc_in(repository, workers=2)("repro", "train@baseline")
    assert (repository / "dvc.lock").read_bytes() == (tmp_path / "dvc.lock").read_bytes()


@pytest.mark.slow
@pytest.mark.network
def test_twenty_kills_over_the_default_run_leave_the_committed_lock(tmp_path: Path) -> None:
    copy_of_working_tree(tmp_path)
    lock = tmp_path / "dvc.lock"
    committed = lock.read_bytes()
    # without what the commit brings along, every stage has to run
    lock.unlink()
    random = Random(0)
    killed = 0
    while killed < 20:
        process = start(tmp_path, "dvc", "repro")
        try:
            output, _ = process.communicate(timeout=random.uniform(3, 22))
            break
        except subprocess.TimeoutExpired:
            number, kill = random.choice(KILLS)
            kill(process.pid, number)
            killed += 1
        output, _ = process.communicate()
        wait_for(lambda: not running_in(tmp_path), 5)
        assert "Traceback" not in output, output
    assert killed == 20, "it ended too early"
    subprocess.run([sys.executable, "-m", "dvc", "repro"], cwd=tmp_path, env=ENVIRONMENT, check=True)
    assert lock.read_bytes() == committed
    assert not list((tmp_path / ".checkpoints").glob("*"))
