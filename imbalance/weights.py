"""Networks on disk: one self-contained safetensors file per replicate.

Besides the tensors, the file holds the network's provenance and its architecture, so that `read` needs
nothing but the file.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from safetensors.torch import save as dumped
from torch import Tensor

from imbalance import networks
from imbalance.disk import replacing
from imbalance.errors import InputError
from imbalance.methods.parts import classifiers
from imbalance.networks.parts.network import Blueprint, Ensemble, Network


def path(folder: Path, replicate: int) -> Path:
    """Return the path of the file with a replicate's weights."""
    return folder / f"{replicate:03d}.safetensors"


def save(network: Network | Ensemble, folder: Path, replicate: int, provenance: dict[str, Any]) -> None:
    """Write a network; the bytes depend only on its weights, its architecture and `provenance`."""
    file = path(folder, replicate)
    said = provenance | {"architecture": _architecture(network)}
    # a single entry, as safetensors does not preserve the order of several
    write(_tensors(network), file, {"provenance": json.dumps(said, sort_keys=True)})


def digest(network: Network | Ensemble) -> str:
    """Return the SHA-256, in hex, of a network's tensors alone, whatever its file says of its origin."""
    return hashlib.sha256(dumped(_tensors(network))).hexdigest()


def write(
    tensors: dict[str, Tensor], file: Path, metadata: dict[str, str] | None = None, shared: bool = False
) -> None:
    """Write a safetensors file atomically; `shared` is that of `imbalance.disk.replacing`.

    Raises `InputError` if the file cannot be written.
    """
    with replacing(file, shared) as part:
        part.touch()
        mode = part.stat().st_mode  # safetensors would make the file readable by its owner only
        try:
            save_file(tensors, part, metadata)
        except SafetensorError as error:  # for instance, a full disk
            raise OSError(error) from error
        part.chmod(mode)


def read(file: Path) -> Network | Ensemble:
    """Build the network in `file`, in evaluation mode; it maps uint8 images to logits (N, C).

    Raises `InputError` if the file is missing or damaged, or if its tensors do not fit its architecture.
    """
    try:
        architecture = dict(provenance(file)["architecture"])
        state = load_file(file)
        network = _build(architecture)
        if problem := _misfit(network.state_dict(), state):
            raise ValueError(problem)
        network.load_state_dict(state)
    except Exception as error:  # damaged files: SafetensorError, KeyError, TypeError, RuntimeError, ...
        problem = " ".join(str(error).split())
        raise InputError(f"{file} holds no network ({problem}); delete it and run `dvc repro`.") from error
    return network.eval()


def provenance(file: Path) -> dict[str, Any]:
    """Return the provenance of the network in `file`, as given to `save`, and its `architecture`.

    Raises `InputError` if the file is missing or damaged.
    """
    try:
        with safe_open(file, framework="pt") as opened:
            return dict(json.loads((opened.metadata() or {})["provenance"]))
    except (OSError, SafetensorError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise InputError(f"{file} does not say how it came to be ({error}).") from error


def _tensors(network: Network | Ensemble) -> dict[str, Tensor]:
    """Return the network's tensors by name, each contiguous, as safetensors wants them."""
    return {name: tensor.contiguous() for name, tensor in network.state_dict().items()}


def _architecture(network: Network | Ensemble) -> dict[str, Any]:
    """Return the description from which `_build` builds a network; members of an ensemble share it."""
    members = network.networks if isinstance(network, Ensemble) else [network]
    head = classifiers.describe(members[0].classifier)
    return members[0].blueprint.model_dump(mode="json") | {"members": len(members), "classifier": head}


def _build(architecture: dict[str, Any]) -> Network | Ensemble:
    """Build a network from the description of `_architecture`; its weights are still arbitrary."""
    count, head = int(architecture.pop("members")), architecture.pop("classifier")
    blueprint = Blueprint.model_validate(architecture)
    members = [networks.build(*(value for _, value in blueprint)) for _ in range(count)]
    for member in members:
        member.classifier = classifiers.of_kind(head, member.classifier)
    return members[0] if count == 1 else Ensemble(members)


def _misfit(own: dict[str, Tensor], state: dict[str, Tensor]) -> str | None:
    """Return the reason why the tensors in `state` do not fit a network with `own` tensors, or None."""
    if own.keys() != state.keys():
        return f"{min(own.keys() ^ state.keys())} is in one of file and network alone"
    for name, tensor in state.items():
        there, wanted = ((each.dtype, tuple(each.shape)) for each in (tensor, own[name]))
        if there != wanted:  # torch would convert the type
            return f"{name} is {there[0]} {there[1]}, not {wanted[0]} {wanted[1]}"
        if not tensor.isfinite().all():
            return f"{name} has values that are not finite numbers"
    return None
