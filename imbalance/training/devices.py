"""Devices: a network is trained on a CPU core, on a GPU, or by several processes with a GPU each.

`processes` in params.yaml is their number (imbalance/running/parallel.py starts them). They divide the
`iter_size` mini-batches of every iteration among themselves and add up the gradients, so that all have the
same weights, and batch normalisation sees the same mini-batches as in one process.
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
    """The execution settings of a training: `device`, `precision`, and the largest size of a `fleet`.

    `reproducible` demands the pinned arithmetic (imbalance/reproducibility/arithmetic.py).
    """

    device: torch.device
    precision: Precision
    fleet: int
    reproducible: bool

    @property
    def in_fleets(self) -> bool:
        """Whether networks are trained in fleets if possible: on a GPU, or if a fleet of several is set."""
        return self.device.type == "cuda" or self.fleet > 1


def choose(device: Device) -> torch.device:
    """Return the device of this process; raises `InputError` if a GPU is requested and there is none."""
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
    """Return what determines the last digits of results: "cpu", or the GPU's name and the CUDA version."""
    if device.type == "cuda":
        return f"{torch.cuda.get_device_name(device)}, CUDA {torch.version.cuda}"
    return device.type


def settle(precision: Precision) -> None:
    """Set whether GPUs round float32 matrix products and convolutions to TF32, in the whole process.

    By default, torch uses TF32 for convolutions.
    """
    torch.backends.cudnn.allow_tf32 = precision == "tf32"
    torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"


def autocast(device: torch.device, precision: Precision) -> torch.autocast:
    """Return the context of mixed precision, with matrix products and convolutions in bfloat16.

    Weights and solver states stay float32. With any other `precision`, the context changes nothing.
    """
    enabled = precision == "bfloat16"
    return torch.autocast(device.type, torch.bfloat16, enabled, cache_enabled=False)


def is_team() -> bool:
    """Return whether this process was started as one of several that train a network together."""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1


def rank() -> int:
    """Return the rank of this process among those that train together; rank 0 writes the files."""
    return distributed.get_rank() if distributed.is_initialized() else 0


def size() -> int:
    """Return the number of processes that train a network together."""
    return distributed.get_world_size() if distributed.is_initialized() else 1


@contextmanager
def team(device: Device) -> Iterator[None]:
    """Initialise the process group of this process's team, if it is one of several, within the context."""
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
    """Return which mini-batches of an iteration this process takes.

    Raises `InputError` if the number of processes does not divide that of the mini-batches.
    """
    if batches % size():
        raise InputError(
            f"{size()} processes cannot share the {batches} batches of an iteration (iter_size); start a "
            "number of processes that divides it."
        )
    return range(rank(), batches, size())


def sum_gradients(model: nn.Module) -> None:
    """Add up the gradients of all processes, in place, in each of them."""
    if size() > 1:
        gradients = [parameter.grad for parameter in model.parameters() if parameter.grad is not None]
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        distributed.all_reduce(flat)
        parts = torch.split(flat, [gradient.numel() for gradient in gradients])
        for gradient, part in zip(gradients, parts, strict=True):
            gradient.copy_(part.view_as(gradient))


def average_statistics(model: nn.Module) -> None:
    """Average the running statistics, which each process has of its own batches, over all processes."""
    if size() > 1:
        for buffer in model.buffers():
            if buffer.is_floating_point():
                distributed.all_reduce(buffer)
                buffer /= size()


def total(count: Tensor) -> int:
    """Return the sum of `count` over all processes."""
    if size() > 1:
        distributed.all_reduce(count)
    return int(count.item())
