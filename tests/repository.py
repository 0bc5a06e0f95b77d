"""A new repository to run the real pipeline in, by the real DVC."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import yaml

SMALL = ["dataset=digits", "rho=10", "replicates=2", "budget=0.05"]
TINY = [*SMALL, "~methods.undersampling", "~methods.two_phase_under"]  # can be set once

Dvc = Callable[..., subprocess.CompletedProcess[str]]


def copy_of_working_tree(folder: Path) -> None:
    """A new repository with the files of this working tree, and nothing that any run has cached."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if Path(name).is_file() or Path(name).is_symlink():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(name, folder / name, follow_symlinks=False)
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    commit(folder, "clone")


def commit(folder: Path, message: str) -> None:
    """Commit everything, whoever runs the tests."""
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    for command in (["add", "-A"], ["commit", "-q", "--allow-empty", "-m", message]):
        subprocess.run(["git", *identity, *command], cwd=folder, check=True)


def publish_baseline(folder: Path) -> None:
    """A new repository whose commit has the results of a small run of the baseline, and nothing else."""
    copy_of_working_tree(folder)
    params = yaml.safe_load((folder / "params.yaml").read_text())
    params["methods"] = {"baseline": params["methods"]["baseline"]}
    (folder / "params.yaml").write_text(yaml.safe_dump(params))
    (folder / "dvc.lock").unlink()
    dvc_in(folder)("exp", "run", *settings(*SMALL))
    commit(folder, "results")


def dvc_in(folder: Path, workers: int = 1) -> Dvc:
    """Run a dvc command in a repository, with this environment's Python first in the path.

    Trainings by one process by default: for networks this small, starting workers takes longest.
    """

    def run(*arguments: str, fails: bool = False) -> subprocess.CompletedProcess[str]:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            [sys.executable, "-m", "dvc", *arguments],
            cwd=folder,
            env=os.environ | {"PATH": path, "LOKY_MAX_CPU_COUNT": str(workers)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert (done.returncode != 0) == fails, done.stdout
        return done

    return run


def settings(*changes: str) -> list[str]:
    return [word for change in changes for word in ("-S", change)]
