"""Timing of the stages of a run: the commit's pipeline, run from nothing in a clone as by `make verify`."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from imbalance.errors import InputError
from tools import verify


class Stage(NamedTuple):
    """A stage of a run: its duration in seconds, and the part of it that it reports as training."""

    name: str
    seconds: float
    training: float


def reproduce() -> tuple[list[tuple[float, str]], float]:
    """Run HEAD's pipeline; return the lines of DVC's output with their times, and the total time, in seconds.

    The pipeline runs in a separate process (`main`), whose output is read as it is printed.
    """
    with TemporaryDirectory(prefix="bench-") as folder:
        clone = Path(folder, "clone")
        verify.git("clone", "--quiet", ".", str(clone))
        begun = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.pipeline", str(clone), folder],
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
    """Run the pipeline of a clone: `python -m benchmarks.pipeline <clone> <folder>`."""
    clone, folder = map(Path, sys.argv[1:])
    verify.reproduce(clone, folder)


if __name__ == "__main__":
    try:
        main()
    except InputError as error:
        sys.exit(f"error: {error}")
