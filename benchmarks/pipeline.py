"""Timing of the stages of a run: the commit's pipeline, run from nothing in a clone as by `make verify`.

Of a study, one condition of its grid is run: the trainings by all its methods, and their evaluation.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import yaml

from imbalance.config import load_study
from imbalance.errors import InputError
from tools import verify


class Stage(NamedTuple):
    """A stage of a run: its duration in seconds, and the part of it that it reports as training."""

    name: str
    seconds: float
    training: float


def cells_of(name: str) -> list[str]:
    """Return the stages of the condition in the middle of a study's grid, as DVC's targets."""
    file = Path("studies", name, "dvc.yaml")
    groups = yaml.safe_load(file.read_text(encoding="utf-8"))["stages"]
    grid = load_study(file.with_name("params.yaml")).grid
    middle = "-".join(str(value) for value in grid[len(grid) // 2].values())
    methods = {
        name: [f"-{method}" for method in group["matrix"].get("method", [])] or [""]
        for name, group in groups.items()
        if "matrix" in group and "condition" not in group["matrix"]
    }
    return [f"{file}:{name}@{middle}{ending}" for name, endings in methods.items() for ending in endings]


def reproduce(*targets: str) -> tuple[list[tuple[float, str]], float]:
    """Run HEAD's pipeline; return the lines of DVC's output with their times, and the total time, in seconds.

    The pipeline, or `targets` in it, runs in a separate process (`main`), whose output is read as it is
    printed.
    """
    with TemporaryDirectory(prefix="bench-") as folder:
        clone = Path(folder, "clone")
        verify.git("clone", "--quiet", ".", str(clone))
        begun = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.pipeline", str(clone), folder, *targets],
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        lines = []
        for line in process.stdout or ():
            lines.append((time.monotonic() - begun, line.rstrip()))
            print(line, end="", file=sys.stderr)
        if process.wait():
            raise InputError("the commit's pipeline failed; what it printed is above.")
        return lines, time.monotonic() - begun


def stages(lines: Iterable[tuple[float, str]], end: float) -> list[Stage]:
    """Return the stages in the timed output of `dvc repro`; each lasts until the next one or the end."""
    found = [Stage("(before the first)", 0, 0)]
    begun = 0.0
    for second, line in [*lines, (end, "Running stage ''")]:
        if starts := re.match(r"Running stage '([^']*)'", line):
            found[-1] = found[-1]._replace(seconds=second - begun)
            found.append(Stage(starts[1], 0, 0))
            begun = second
        elif trained := re.match(r"\w+: \d+ iterations in ([\d:]+),", line):
            found[-1] = found[-1]._replace(training=seconds_of(trained[1]))
    return found[:-1]


def seconds_of(interval: str) -> int:
    """Return the seconds of an interval in tqdm's notation, [hours:]minutes:seconds."""
    return sum(60**power * int(part) for power, part in enumerate(reversed(interval.split(":"))))


def main() -> None:
    """Run the pipeline of a clone, or targets in it: `python -m benchmarks.pipeline <clone> <folder> ...`."""
    clone, folder, *targets = sys.argv[1:]
    if not targets:
        verify.reproduce(Path(clone), Path(folder))
        return
    for lock in Path(clone).glob("studies/*/dvc.lock"):
        lock.unlink()  # or DVC would skip what it lists
    verify.repro(Path(clone), Path(folder), *targets)


if __name__ == "__main__":
    try:
        main()
    except InputError as error:
        sys.exit(f"error: {error}")
