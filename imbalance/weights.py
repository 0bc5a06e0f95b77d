"""Weights of the networks on disk: one safetensors file per replicate, with how it came to be."""

import json
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from imbalance.errors import InputError, replacing


def path(folder: Path, replicate: int) -> Path:
    """Where a replicate's weights are."""
    return folder / f"{replicate:03d}.safetensors"


def save(network: nn.Module, folder: Path, replicate: int, provenance: dict[str, Any]) -> None:
    """Write weights; the bytes depend on nothing but the weights, their names and `provenance`."""
    file = path(folder, replicate)
    tensors = {name: tensor.contiguous() for name, tensor in network.state_dict().items()}
    # one entry, as safetensors does not keep the order of several
    write(tensors, file, {"provenance": json.dumps(provenance, sort_keys=True)})


def write(
    tensors: dict[str, Tensor], file: Path, metadata: dict[str, str] | None = None, shared: bool = False
) -> None:
    """Write a safetensors file, whole or not at all; an `InputError` where that cannot be.

    `shared` as for `replacing`.
    """
    with replacing(file, shared) as part:
        try:
            save_file(tensors, part, metadata)
        except SafetensorError as error:  # a full disk, among others
            raise OSError(error) from error


def load(network: nn.Module, folder: Path, replicate: int) -> None:
    """Read a replicate's weights into `network`; an `InputError` where they are missing or not its own."""
    file = path(folder, replicate)
    try:
        state = load_file(file)
        for name, own in network.state_dict().items():
            if name in state and state[name].dtype != own.dtype:  # torch would convert it
                raise ValueError(f"{name} is {state[name].dtype}, not {own.dtype}")
            if name in state and not state[name].isfinite().all():
                raise ValueError(f"{name} has values that are not finite numbers")
        network.load_state_dict(state)
    except (OSError, SafetensorError, RuntimeError, ValueError) as error:
        raise InputError(
            f"{file} holds no weights of this network ({error}); delete it and run `dvc repro`."
        ) from error


def provenance(file: Path) -> dict[str, Any]:
    """How the network in `file` came to be, as its `save` was told."""
    try:
        with safe_open(file, framework="pt") as opened:
            return dict(json.loads((opened.metadata() or {})["provenance"]))
    except (OSError, SafetensorError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise InputError(f"{file} does not say how it came to be ({error}).") from error
