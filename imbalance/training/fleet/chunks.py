"""Division of jobs into fleets that are not larger than requested, and that fit in the device's memory."""

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
    """A trained job: its outcome, and the size of the fleet in which it was trained."""

    job: Job
    outcome: Outcome
    fleet: int


def train_in_fleets(makers: Sequence[Maker], size: int, checkpoints: Path) -> Iterator[Trained]:
    """Make and train jobs of one method and length in fleets of at most `size`, and yield them in order.

    If a fleet is too large for the memory, it starts again with half as many networks, as do all that follow;
    a message says so, since the size changes the last bits of the weights. Raises `InputError` if a single
    network is too large.
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
            torch.cuda.empty_cache()  # the next fleet, which may have another size, cannot reuse these blocks
        done += len(trained)
        while trained:
            yield trained.pop(0)


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether an error means too little memory; often only its message tells."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    if any(words in str(error) for words in ("can't allocate memory", "out of memory", "ALLOC_FAILED")):
        return True
    # if memory runs out while a graph is captured, the original error is the context of the one raised
    return error.__context__ is not None and is_out_of_memory(error.__context__)
