"""Files that a stop has cut short are repaired; whole ones stay as they are."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from dvc.schema import COMPILED_LOCKFILE_SCHEMA
from dvc.utils import strictyaml

from imbalance.errors import InputError
from tests.repository import commit, copy_of_working_tree, dvc_in, settings
from tools.recover import recover

LOCK = Path("dvc.lock").read_bytes()
RWLOCK = json.dumps(
    {"write": {"/x/plots/svg": {"pid": 7, "cmd": "repro"}}, "read": {"/x/a": [{"pid": 7, "cmd": "repro"}]}}
).encode()
CUT = LOCK[: LOCK.index(b"cmd:") + 2]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a committed dvc.lock, and a rwlock."""
    (tmp_path / ".dvc/tmp").mkdir(parents=True)
    (tmp_path / ".dvc/tmp/rwlock").write_bytes(RWLOCK)
    (tmp_path / ".dvc/.gitignore").write_text("tmp")
    (tmp_path / "dvc.lock").write_bytes(LOCK)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    commit(tmp_path, "lock")
    return tmp_path


@pytest.mark.parametrize("tenths", range(10))
def test_both_files_are_repaired_wherever_they_are_cut(tenths: int, repository: Path) -> None:
    """A lock that DVC still takes is left to it: it runs again what is missing, from the run-cache."""
    lock, rwlock = repository / "dvc.lock", repository / ".dvc/tmp/rwlock"
    cut = LOCK[: len(LOCK) * tenths // 10]
    lock.write_bytes(cut)
    rwlock.write_bytes(RWLOCK[: len(RWLOCK) * tenths // 10])
    *of_lock, of_rwlock = recover(repository)
    assert of_rwlock == f"{rwlock} was cut short, and is removed."
    assert not rwlock.exists()
    if of_lock:
        assert of_lock == [
            f"{lock} was cut short, and Git's is back; `dvc repro` takes the rest from its run-cache."
        ]
    assert lock.read_bytes() == (LOCK if of_lock else cut)
    strictyaml.load(lock, COMPILED_LOCKFILE_SCHEMA)  # as DVC reads it
    assert recover(repository) == []


def test_whole_files_stay_even_if_nobody_has_committed_them(repository: Path) -> None:
    whole = LOCK.replace(b"size: ", b"size: 1", 1)
    (repository / "dvc.lock").write_bytes(whole)
    assert recover(repository) == []
    assert (repository / "dvc.lock").read_bytes() == whole
    assert (repository / ".dvc/tmp/rwlock").read_bytes() == RWLOCK


def test_a_staged_lock_comes_before_a_committed_one_and_without_any_it_is_removed(repository: Path) -> None:
    lock = repository / "dvc.lock"
    staged = LOCK.replace(b"size: ", b"size: 1", 1)
    lock.write_bytes(staged)
    subprocess.run(["git", "add", "dvc.lock"], cwd=repository, check=True)
    lock.write_bytes(CUT)
    recover(repository)
    assert lock.read_bytes() == staged
    subprocess.run(["git", "rm", "-q", "--cached", "dvc.lock"], cwd=repository, check=True)
    commit_without = [
        "git",
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@example.org",
        "commit",
        "-qm",
        "without",
    ]
    subprocess.run(commit_without, cwd=repository, check=True)
    lock.write_bytes(CUT)
    assert "is removed" in recover(repository)[0]
    assert not lock.exists()


def test_nothing_is_touched_while_dvc_runs_here_or_a_merge_is_to_be_resolved(repository: Path) -> None:
    lock = repository / "dvc.lock"
    lock.write_bytes(b"<<<<<<< HEAD\n" + CUT)
    with pytest.raises(InputError, match="has merge conflicts"):
        recover(repository)
    lock.write_bytes(CUT)
    (repository / "dvc").write_text("import time; print('runs', flush=True); time.sleep(60)")
    running = subprocess.Popen([sys.executable, "dvc", "repro"], cwd=repository, stdout=subprocess.PIPE)
    try:
        assert running.stdout is not None
        running.stdout.readline()
        with pytest.raises(InputError, match=rf"DVC is running here \(process {running.pid}\)"):
            recover(repository)
    finally:
        running.kill()
        running.wait()
    assert lock.read_bytes() == CUT


@pytest.mark.long
def test_the_real_dvc_goes_on_from_repaired_files_without_running_a_stage(tmp_path: Path) -> None:
    copy_of_working_tree(tmp_path)
    dvc = dvc_in(tmp_path)
    dvc("exp", "run", *settings("dataset=digits", "replicates=1"), "initialize", "subset")
    lock, rwlock = tmp_path / "dvc.lock", tmp_path / ".dvc/tmp/rwlock"
    done, stages = lock.read_bytes(), ("initialize", "subset")
    for tenths in (0, 5):
        lock.write_bytes(done[: len(done) * tenths // 10])
        rwlock.write_bytes(RWLOCK[: len(RWLOCK) * tenths // 10])
        dvc("repro", *stages, fails=True)
        assert recover(tmp_path)
        assert "Running stage" not in dvc("repro", *stages).stdout
        before, after = (yaml.safe_load(text)["stages"] for text in (done, lock.read_bytes()))
        assert all(after[stage] == before[stage] for stage in stages)
