"""Fleets no larger than asked for, and than the memory of the device."""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from imbalance.errors import InputError
from imbalance.training.checkpoints import Checkpoint
from imbalance.training.fleet.loop import Outcome, train
from imbalance.training.jobs import Job

Maker = Callable[[], Job]


@dataclass(frozen=True)
class Trained:
    """A job with its outcome, and the size of the fleet that it was trained in."""

    job: Job
    outcome: Outcome
    fleet: int


def train_in_fleets(makers: Sequence[Maker], size: int, checkpoints: Path) -> Iterator[Trained]:
    """Make and train jobs of one method and length, in fleets of at most `size`; in their order.

    Where a fleet is too large for the memory, it is begun again with half as many networks, and so are all
    that follow; a message says so, as the size changes the last bits of the weights. Raises `InputError`
    where a single network is too large.
    """
    done = 0
    while done < len(makers):
        wanted = makers[done : done + size]
        checkpoint = Checkpoint(checkpoints / f"{done}-{len(wanted)}.safetensors")
        trained: list[Trained] = []
        try:
            jobs = [make() for make in wanted]
            outcomes = zip(jobs, train(jobs, checkpoint), strict=True)
            trained = [Trained(job, outcome, len(jobs)) for job, outcome in outcomes]
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            if len(wanted) == 1:
                raise InputError(
                    f"the device has too little memory even for one network ({str(error).splitlines()[0]}); "
                    "give its recipe a smaller batch, or choose device: cpu."
                ) from error
            size = len(wanted) // 2
            print(
                f"warning: {len(wanted)} networks together are too many for the memory; goes on with {size}. "
                f"The last digits depend on it: for the same weights next time, set `fleet: {size}`.",
                file=sys.stderr,
            )
        jobs = []
        if torch.cuda.is_available():
            torch.cuda.empty_cache()  # of what the next fleet, which may be of another size, cannot use
        done += len(trained)
        while trained:
            yield trained.pop(0)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that a device has too little memory; often it does in words alone."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    if any(words in str(error) for words in ("can't allocate memory", "out of memory", "ALLOC_FAILED")):
        return True
    # what ended the capture of a graph is only the context of the error that says that it was ended
    return error.__context__ is not None and is_out_of_memory(error.__context__)
