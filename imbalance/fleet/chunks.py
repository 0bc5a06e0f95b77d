"""Fleets no larger than asked for, and than the memory of the device."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from imbalance.checkpoints import Checkpoint
from imbalance.errors import InputError
from imbalance.fleet.training import Outcome, train
from imbalance.jobs import Job

Maker = Callable[[], Job]


def train_in_fleets(makers: Sequence[Maker], size: int, checkpoints: Path) -> list[tuple[Job, Outcome]]:
    """Make and train jobs of one method and length, in fleets of at most `size`; each with its outcome.

    Where a fleet is too large for the memory, it is begun again with half as many networks, and so are all
    that follow; a message says so, as the size changes the last bits of the weights. Raises `InputError`
    where a single network is too large.
    """
    trained: list[tuple[Job, Outcome]] = []
    while left := makers[len(trained) : len(trained) + size]:
        jobs = [make() for make in left]
        checkpoint = Checkpoint(checkpoints / f"{len(trained)}-{len(jobs)}.safetensors")
        try:
            trained += zip(jobs, train(jobs, checkpoint), strict=True)
        except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            if len(jobs) == 1:
                raise InputError(
                    f"the device has too little memory even for one network ({str(error).splitlines()[0]}); "
                    "give its recipe a smaller batch, or choose device: cpu."
                ) from error
            size = len(jobs) // 2
            print(
                f"warning: {len(jobs)} networks together are too many for the memory; goes on with {size}. "
                f"The last digits depend on it: for the same weights next time, set `fleet: {size}`.",
                file=sys.stderr,
            )
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
    return trained


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that a device has too little memory; of a processor, torch says it in words."""
    kinds = torch.OutOfMemoryError, MemoryError
    return isinstance(error, kinds) or "can't allocate memory" in str(error)
