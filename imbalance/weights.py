"""Weights of the networks on disk: one safetensors file per replicate."""

from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from imbalance.errors import InputError


def path(folder: Path, replicate: int) -> Path:
    """Where a replicate's weights are."""
    return folder / f"{replicate:03d}.safetensors"


def save(network: nn.Module, folder: Path, replicate: int) -> None:
    """Write a network's weights; the bytes depend on nothing but the weights and their names."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file(
        {name: tensor.contiguous() for name, tensor in network.state_dict().items()}, path(folder, replicate)
    )


def load(network: nn.Module, folder: Path, replicate: int) -> None:
    """Read a replicate's weights into `network`; an `InputError` where they are missing or not its own."""
    file = path(folder, replicate)
    try:
        network.load_state_dict(load_file(file))
    except (OSError, SafetensorError, RuntimeError) as error:
        raise InputError(
            f"{file} holds no weights of this network ({error}); delete it and run `dvc repro`."
        ) from error
