"""Weights of the networks on disk: one safetensors file per replicate, with how it came to be."""

import json
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import nn

from imbalance.errors import InputError


def path(folder: Path, replicate: int) -> Path:
    """Where a replicate's weights are."""
    return folder / f"{replicate:03d}.safetensors"


def save(network: nn.Module, folder: Path, replicate: int, provenance: dict[str, Any]) -> None:
    """Write weights; the bytes depend on nothing but the weights, their names and `provenance`."""
    file = path(folder, replicate)
    tensors = {name: tensor.contiguous() for name, tensor in network.state_dict().items()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # one entry, as safetensors does not keep the order of several
        save_file(tensors, file, {"provenance": json.dumps(provenance, sort_keys=True)})
    except (OSError, SafetensorError) as error:
        raise InputError(f"{file} cannot be written ({error}); make room or give permission.") from error


def load(network: nn.Module, folder: Path, replicate: int) -> None:
    """Read a replicate's weights into `network`; an `InputError` where they are missing or not its own."""
    file = path(folder, replicate)
    try:
        network.load_state_dict(load_file(file))
    except (OSError, SafetensorError, RuntimeError) as error:
        raise InputError(
            f"{file} holds no weights of this network ({error}); delete it and run `dvc repro`."
        ) from error


def provenance(file: Path) -> dict[str, Any]:
    """How the network in `file` came to be, as its `save` was told."""
    try:
        with safe_open(file, framework="pt") as opened:
            return json.loads((opened.metadata() or {})["provenance"])
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise InputError(f"{file} does not say how it came to be ({error}).") from error
