"""Where a network is trained: on a core, on a GPU, or by several processes together, a GPU each.

`processes` in params.yaml says how many (imbalance/running/parallel.py starts them). They share out the
`iter_size` batches of every iteration and add up the gradients, so that all have the same weights, and
BatchNorm sees the same batches as in one process.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, distributed, nn

from imbalance.errors import InputError

Device = Literal["auto", "cpu", "cuda"]
Precision = Literal["float32", "tf32", "bfloat16"]


@dataclass(frozen=True)
class Execution:
    """How networks are computed: on a `device`, in a `precision`, at most `fleet` of them together.

    `reproducible` demands the pinned arithmetic (imbalance/reproducibility/arithmetic.py).
    """

    device: torch.device
    precision: Precision
    fleet: int
    reproducible: bool

    @property
    def in_fleets(self) -> bool:
        """Whether networks are trained together where they can be: on a GPU, or where it is asked for."""
        return self.device.type == "cuda" or self.fleet > 1


def choose(device: Device) -> torch.device:
    """The device of this process; an `InputError` where a GPU is asked for and there is none."""
    if device == "cuda" and not torch.cuda.is_available():
        raise InputError("device: cuda, but torch finds no GPU here; choose cpu, or auto.")
    if device == "cpu" or not torch.cuda.is_available():
        return torch.device("cpu")
    number, gpus = int(os.environ.get("LOCAL_RANK", "0")), torch.cuda.device_count()
    if number >= gpus:
        raise InputError(
            f"each process needs a GPU of its own, and here are {gpus}; choose fewer `processes`."
        )
    return torch.device("cuda", number)


def name(device: torch.device) -> str:
    """What decides on the last digits: cpu, or the kind of GPU and the version of CUDA."""
    if device.type == "cuda":
        return f"{torch.cuda.get_device_name(device)}, CUDA {torch.version.cuda}"
    return device.type


def settle(precision: Precision) -> None:
    """Choose how GPUs multiply float32 matrices in all this process does: rounded to TF32, or not at all.

    Left alone, torch takes TF32 for convolutions.
    """
    torch.backends.cudnn.allow_tf32 = precision == "tf32"
    torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"


def autocast(device: torch.device, precision: Precision) -> torch.autocast:
    """Within it, `bfloat16` rounds what layers multiply to it; weights and their updates stay float32."""
    enabled = precision == "bfloat16"
    return torch.autocast(device.type, torch.bfloat16, enabled, cache_enabled=False)


def is_team() -> bool:
    """Whether this process was started as one of several that train together."""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1


def rank() -> int:
    """Which of the processes this is; the first, 0, writes the files."""
    return distributed.get_rank() if distributed.is_initialized() else 0


def size() -> int:
    """How many processes train a network together."""
    return distributed.get_world_size() if distributed.is_initialized() else 1


@contextmanager
def team(device: Device) -> Iterator[None]:
    """Within it, this process trains together with the others of its team; alone, if there are none."""
    if not is_team():
        yield
        return
    on_gpus = choose(device).type == "cuda"
    if on_gpus:
        torch.cuda.set_device(choose(device))
    distributed.init_process_group("nccl" if on_gpus else "gloo")
    try:
        yield
    finally:
        distributed.destroy_process_group()


def share(batches: int) -> range:
    """Which of the batches of an iteration this process takes; an `InputError` unless they can be shared."""
    if batches % size():
        raise InputError(
            f"{size()} processes cannot share the {batches} batches of an iteration (iter_size); start a "
            "number of processes that divides it."
        )
    return range(rank(), batches, size())


def sum_gradients(model: nn.Module) -> None:
    """Add up what the processes have; nothing to do for one alone."""
    if size() > 1:
        gradients = [parameter.grad for parameter in model.parameters() if parameter.grad is not None]
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        distributed.all_reduce(flat)
        parts = torch.split(flat, [gradient.numel() for gradient in gradients])
        for gradient, part in zip(gradients, parts, strict=True):
            gradient.copy_(part.view_as(gradient))


def average_statistics(model: nn.Module) -> None:
    """Give all processes the mean of the running statistics that each has of its own batches."""
    if size() > 1:
        for buffer in model.buffers():
            if buffer.is_floating_point():
                distributed.all_reduce(buffer)
                buffer /= size()


def total(count: Tensor) -> int:
    """The sum of a number that each process has."""
    if size() > 1:
        distributed.all_reduce(count)
    return int(count.item())
