"""Checkpoints of trainings, and the progress that a training records on disk while it runs.

A checkpoint is a file of tensors, replaced atomically, in a folder that is named by the hash of everything
that determines the network. If anything differs, the folder is another, and no checkpoint is found.
"""

import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from imbalance import weights
from imbalance.errors import InputError

SAVE_SECONDS = 5.0
SAVE_COST = 0.1  # seconds that a save may take; slower saves are made proportionally less often
NOTE_SECONDS = 0.5
STALE_SECONDS = 7 * 24 * 3600


class Checkpoint:
    """The checkpoint `file` of a training; a file beside it has the number of iterations that are done."""

    def __init__(self, file: Path, save_seconds: float = SAVE_SECONDS) -> None:
        self.file = file
        self._save_seconds = save_seconds
        self._saved = self._noted = time.monotonic()
        self._cost = 0.0

    def load(self) -> dict[str, Tensor]:
        """Return the tensors that were saved last, or none if the file is missing or damaged."""
        try:
            return load_file(self.file)
        except (OSError, SafetensorError):
            return {}

    def is_due(self) -> bool:
        """Return whether the last save was long enough ago."""
        wait = self._save_seconds * max(1, self._cost / SAVE_COST)
        return time.monotonic() - self._saved >= wait

    def save(self, tensors: dict[str, Tensor]) -> None:
        """Replace the last checkpoint atomically: a process that is killed leaves the old or the new one."""
        begun = time.monotonic()
        weights.write(tensors, self.file, shared=True)
        self._saved = time.monotonic()
        self._cost = self._saved - begun

    def note(self, iteration: int, at_once: bool = False) -> None:
        """Record the number of iterations done, now and then, for `iterations_done`; it may be lost."""
        now = time.monotonic()
        if at_once or now - self._noted >= NOTE_SECONDS:
            self._noted = now
            with suppress(OSError):
                self.file.parent.mkdir(parents=True, exist_ok=True)
                self.file.with_suffix(".iteration").write_text(str(iteration))


def join(parts: Mapping[str, Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """Return the tensors of several parts on the CPU, each under the name `<part>.<name>`."""
    return {
        f"{part}.{name}": tensor.cpu().contiguous()
        for part, tensors in parts.items()
        for name, tensor in tensors.items()
    }


def part(state: Mapping[str, Tensor], name: str) -> dict[str, Tensor]:
    """Return the tensors of one part that `join` has joined, under their own names."""
    begin = f"{name}."
    return {key.removeprefix(begin): tensor for key, tensor in state.items() if key.startswith(begin)}


@contextmanager
def resuming(checkpoint: Checkpoint | None) -> Iterator[dict[str, Tensor]]:
    """Yield the tensors to resume from, none without a checkpoint; raises `InputError` if they do not fit."""
    try:
        yield checkpoint.load() if checkpoint else {}
    except (KeyError, RuntimeError, ValueError) as error:  # of names, shapes, and numbers of tensors
        if checkpoint is None:
            raise
        raise InputError(
            f"{checkpoint.file} is the checkpoint of another network; delete it and run `dvc repro`, which "
            "trains this one from its beginning."
        ) from error


def iterations_done(folder: Path) -> int:
    """Return the number of iterations that all trainings below `folder` have recorded as done."""
    done = 0
    for file in folder.rglob("*.iteration"):
        with suppress(OSError, ValueError):  # being replaced at this moment
            done += int(file.read_text())
    return done


def remove_stale(root: Path) -> None:
    """Remove the checkpoints of tasks that have not been resumed for a week."""
    for folder in root.glob("*/"):
        with suppress(FileNotFoundError):  # another run has just removed it
            if time.time() - folder.stat().st_mtime > STALE_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)
