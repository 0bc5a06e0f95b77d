"""Verify that the last commit reproduces its results: `make verify` clones it, runs it, and compares.

No cache is used, of the repository or of the user, and the committed results are deleted first, so that every
stage runs. Then every output in `dvc.lock` and every metrics file, table and figure in Git must have the
bytes that were committed.

This is promised on x86-64 Linux with AVX2 and the versions of requirements.lock, unless params.yaml says
`reproducible: false`. Elsewhere there must be the same artifacts, and each mean in the table of measures
(plots/tables/summary.csv) must be within its committed 95 % interval: a machine that rounds differently
trains other networks, but on the same subsets.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path

import yaml

from imbalance.errors import InputError
from imbalance.reproducibility import arithmetic
from stages import paths, run
from tools.comparing import MEASURES, Results, Row, compare, compare_means, means, table

IN_GIT = (
    f"{paths.METRICS}/*.json",
    f"{paths.CLASS_SIZES}",
    f"{paths.TABLES}/*.csv",
    f"{paths.FIGURES}/*.png",
)
DECIDE_BYTES = (
    "torch",
    "numpy",
    "scipy",
    "scikit-learn",
    "imbalanced-learn",
    "pandas",
    "matplotlib",
    "pillow",
    "safetensors",
)
# Without the variables of a Git hook or a DVC stage that calls this tool: they refer to another repository.
ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if not name.startswith(("DVC_", "GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"))
}


def main() -> None:
    """Verify HEAD; if something differs, the clone is kept for inspection."""
    commit = git("rev-parse", "HEAD")
    print(f"Verifying commit {commit[:10]}.")
    if git("status", "--porcelain"):
        print("The working tree has uncommitted changes: they are not verified, only the commit is.")
    folder = Path(tempfile.mkdtemp(prefix="verify-"))
    failed = 0
    try:
        rows = verify(commit, folder)
        print(table(rows))
        failed = sum(row.fails for row in rows)
    finally:
        if not failed:
            shutil.rmtree(folder)
    if failed:
        raise InputError(
            f"{failed} of {len(rows)} artifacts are not as committed; the run is kept in {folder}."
        )


def verify(commit: str, folder: Path) -> list[Row]:
    """Clone the commit into a folder, run it there, and compare the results with the committed ones."""
    clone = clone_of(commit, folder)
    reasons = inexact(clone)
    if reasons:
        print(f"The same bytes are not promised here, only the same means: {'; '.join(reasons)}.")
    expected = results(clone)
    reproduce(clone, folder)
    return (compare_means if reasons else compare)(expected, results(clone))


def clone_of(commit: str, folder: Path) -> Path:
    """Clone the commit of this repository into a folder, and return the clone."""
    clone = folder / "clone"
    git("clone", "--quiet", "--no-checkout", ".", str(clone))
    git("-C", str(clone), "checkout", "--quiet", "--detach", commit)
    return clone


def git(*arguments: str) -> str:
    """Run a git command, and return its output; raises `InputError` if it fails."""
    done = subprocess.run(["git", *arguments], env=ENVIRONMENT, capture_output=True, text=True)
    if done.returncode:
        raise InputError(f"`git {' '.join(arguments)}` failed: {done.stderr.strip()}")
    return done.stdout.strip()


def inexact(repository: Path, params: str = "params.yaml") -> list[str]:
    """Return the reasons why the same bytes are not promised on this machine; none if they are.

    `params` is the file of the run's parameters in the repository.
    """
    pins = (repository / "requirements.lock").read_text(encoding="utf-8")
    locked = dict(re.findall(r"^([a-z0-9-]+)==([^ ;]+)", pins, re.MULTILINE))
    values = yaml.safe_load((repository / params).read_text(encoding="utf-8"))
    reasons = [reason] if (reason := arithmetic.unsupported()) else []
    for package in DECIDE_BYTES:
        if (version := metadata.version(package)) != locked[package]:
            reasons.append(f"{package} is {version}, not {locked[package]} as in requirements.lock")
    if not values.get("reproducible", True):
        reasons.append(f"{params} says `reproducible: false`")
    return reasons


def results(repository: Path) -> Results:
    """Return the hashes of the outputs in dvc.lock and of the results in Git, by MD5, which DVC uses, too."""
    lock, files = repository / "dvc.lock", in_git(repository)
    if not lock.is_file():
        raise InputError("the commit has no dvc.lock; commit what `make repro` writes.")
    hashes = {
        name: hashlib.md5(file.read_bytes(), usedforsecurity=False).hexdigest()
        for name, file in files.items()
    }
    try:
        hashes = locked_outputs(lock.read_text(encoding="utf-8")) | hashes
    except yaml.YAMLError as error:
        raise InputError(f"the dvc.lock of the commit cannot be read: {error}") from error
    return Results(hashes, means(files[MEASURES]) if MEASURES in files else {})


def in_git(repository: Path) -> dict[str, Path]:
    """Return the metrics, tables and figures in a repository, by their paths in it."""
    return {
        path.relative_to(repository).as_posix(): path
        for pattern in IN_GIT
        for path in sorted(repository.glob(pattern))
    }


def locked_outputs(lock: str) -> dict[str, str]:
    """Return the hash of every output in the text of a dvc.lock, by its stage and path."""
    return {
        f"{stage}: {out['path']}": str(out["md5"])
        for stage, entry in yaml.safe_load(lock)["stages"].items()
        for out in entry["outs"]
    }


def reproduce(clone: Path, folder: Path) -> None:
    """Run the pipeline of a clone from nothing.

    The committed results are deleted, since DVC would skip the stages that wrote them.
    """
    (clone / "dvc.lock").unlink()
    for file in in_git(clone).values():
        file.unlink()
    repro(clone, folder)


def repro(clone: Path, folder: Path, *targets: str) -> None:
    """Run stages of a clone, or all, with this Python and without the user's settings.

    The cache is in `folder`, even if the user, the machine or the commit has configured another. Raises
    `InputError` if a stage fails.
    """
    cache = os.path.relpath(folder / "cache", clone / ".dvc")  # DVC would take a # above it for a comment
    (clone / ".dvc/config.local").write_text(f"[cache]\n    dir = {cache}\n", encoding="utf-8")
    environment = ENVIRONMENT | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "DVC_GLOBAL_CONFIG_DIR": str(folder / "no-settings"),
        "DVC_SYSTEM_CONFIG_DIR": str(folder / "no-settings"),
        "DVC_SITE_CACHE_DIR": str(folder / "site"),
    }
    sys.stdout.flush()
    command = [sys.executable, "-m", "dvc", "repro", *targets]
    if subprocess.run(command, cwd=clone, env=environment).returncode:
        raise InputError("`dvc repro` failed in a fresh clone of the commit; what it printed is above.")


if __name__ == "__main__":
    run(main)
