"""Networks on disk: one safetensors file per replicate, with all that it takes to use them.

Beside the tensors, a file says how the network came to be, and how to build it: `read` needs nothing else.
"""

import json
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from imbalance import networks
from imbalance.disk import replacing
from imbalance.errors import InputError
from imbalance.methods.parts import classifiers
from imbalance.networks.parts.network import Blueprint, Ensemble, Network


def path(folder: Path, replicate: int) -> Path:
    """Where a replicate's weights are."""
    return folder / f"{replicate:03d}.safetensors"


def save(network: Network | Ensemble, folder: Path, replicate: int, provenance: dict[str, Any]) -> None:
    """Write a network; the bytes depend on nothing but its weights, what it is built of, and `provenance`."""
    file = path(folder, replicate)
    tensors = {name: tensor.contiguous() for name, tensor in network.state_dict().items()}
    said = provenance | {"architecture": _architecture(network)}
    # one entry, as safetensors does not keep the order of several
    write(tensors, file, {"provenance": json.dumps(said, sort_keys=True)})


def write(
    tensors: dict[str, Tensor], file: Path, metadata: dict[str, str] | None = None, shared: bool = False
) -> None:
    """Write a safetensors file, whole or not at all; an `InputError` where that cannot be.

    `shared` as for `replacing`.
    """
    with replacing(file, shared) as part:
        part.touch()
        mode = part.stat().st_mode  # safetensors would let nobody else read it
        try:
            save_file(tensors, part, metadata)
        except SafetensorError as error:  # a full disk, among others
            raise OSError(error) from error
        part.chmod(mode)


def read(file: Path) -> Network | Ensemble:
    """The network in `file`, built as the file says and ready to evaluate: logits (N, C) of uint8 images.

    An `InputError` where the file is missing or damaged, or its tensors are not those of the network.
    """
    try:
        architecture = dict(provenance(file)["architecture"])
        state = load_file(file)
        network = _build(architecture)
        if problem := _misfit(network.state_dict(), state):
            raise ValueError(problem)
        network.load_state_dict(state)
    except Exception as error:  # of damaged files: SafetensorError, KeyError, TypeError, RuntimeError, ...
        problem = " ".join(str(error).split())
        raise InputError(f"{file} holds no network ({problem}); delete it and run `dvc repro`.") from error
    return network.eval()


def provenance(file: Path) -> dict[str, Any]:
    """How the network in `file` came to be, as its `save` was told, and its `architecture`."""
    try:
        with safe_open(file, framework="pt") as opened:
            return dict(json.loads((opened.metadata() or {})["provenance"]))
    except (OSError, SafetensorError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise InputError(f"{file} does not say how it came to be ({error}).") from error


def _architecture(network: Network | Ensemble) -> dict[str, Any]:
    """What `_build` needs to build a network again; the members of an ensemble are alike."""
    members = network.networks if isinstance(network, Ensemble) else [network]
    head = classifiers.describe(members[0].classifier)
    return members[0].blueprint.model_dump(mode="json") | {"members": len(members), "classifier": head}


def _build(architecture: dict[str, Any]) -> Network | Ensemble:
    """A network of what `_architecture` says; its weights are still arbitrary."""
    count, head = int(architecture.pop("members")), architecture.pop("classifier")
    blueprint = Blueprint.model_validate(architecture)
    members = [networks.build(*(value for _, value in blueprint)) for _ in range(count)]
    for member in members:
        member.classifier = classifiers.of_kind(head, member.classifier)
    return members[0] if count == 1 else Ensemble(members)


def _misfit(own: dict[str, Tensor], state: dict[str, Tensor]) -> str | None:
    """Why tensors cannot be those of a network with its `own` ones, or None where they can."""
    if own.keys() != state.keys():
        return f"{min(own.keys() ^ state.keys())} is in one of file and network alone"
    for name, tensor in state.items():
        there, wanted = ((each.dtype, tuple(each.shape)) for each in (tensor, own[name]))
        if there != wanted:  # torch would convert the type
            return f"{name} is {there[0]} {there[1]}, not {wanted[0]} {wanted[1]}"
        if not tensor.isfinite().all():
            return f"{name} has values that are not finite numbers"
    return None
