"""Any classification network of torchvision, by its name: torchvision/resnet18, pretrained or not.

The layers, and random initial weights, are torchvision's. A new linear classifier takes the place of the last
layer, with weights N(0, 2 / D) for D features. Pixels are normalised as the network's own weights ask for,
and grey images are repeated to three channels. SqueezeNet, which ends in no linear layer, is left out.
"""

import re
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load as load_safetensors
from torch import Tensor, nn
from torchvision import models

from imbalance.errors import InputError
from imbalance.networks.parts.initializers import kaiming_normal
from imbalance.networks.parts.network import Network
from imbalance.reproducibility.provenance import digest

IMAGENET = "imagenet"
# Auxiliary classifiers, which these two have in training, are left out. The last option is how their weights
# were trained: on pixels in [-1, 1].
OPTIONS = {"aux_logits": False, "init_weights": True, "transform_input": True}
WITH_OPTIONS = ("googlenet", "inception_v3")


def names() -> list[str]:
    """Return the names of the networks, without torchvision/."""
    return [name for name in models.list_models(module=models) if not name.startswith("squeezenet")]


def build(shape: tuple[int, int, int], classes: int, name: str) -> Network:
    """Build the network for images of `shape` (1 or 3 channels, height, width).

    Raises `InputError` if it does not take images of that size: most need 32 pixels, and vision transformers
    those that they were made for.
    """
    if shape[0] not in (1, 3):
        raise InputError(f"network 'torchvision/{name}' takes 1 or 3 channels; these images have {shape[0]}.")
    backbone = _backbone(name)
    place, last = _last_layer(backbone)
    parent, _, child = place.rpartition(".")
    setattr(backbone.get_submodule(parent), child, nn.Identity())
    features = nn.Sequential(_normalisation(name), backbone)
    _refuse_size(features.eval(), shape, name)
    return Network(features.train(), nn.Linear(last.in_features, classes), classes)


def initialize(network: Network, rng: np.random.Generator) -> None:
    """Draw the weights by torchvision's own code, from a seed that `rng` draws, and the classifier's."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(rng.integers(2**32)))
        drawn = _backbone(_name(network))
    kept = _own(network).state_dict().keys()
    _own(network).load_state_dict({key: each for key, each in drawn.state_dict().items() if key in kept})
    kaiming_normal(network.classifier, rng)


def pretrain(network: Network, source: str) -> dict[str, str]:
    """Give the features pretrained weights, and return name and SHA-256 of the file that has them.

    `source` is "imagenet", for torchvision's own weights, which are downloaded unless they are in torch's
    cache, or the path of a file of the same form: the tensors of the whole network by name (.pth), with any
    number of classes, or safetensors. Raises `InputError` if there is no such file, or if it does not fit.
    """
    name = _name(network)
    file = _published(name) if source == IMAGENET else Path(source)
    try:
        content = file.read_bytes()
        state = _renamed(_tensors(file, content))
    except Exception as error:  # OSError, UnpicklingError, SafetensorError, RuntimeError, and more
        problem = " ".join(str(error).split())[:200]
        raise InputError(f"pretrained: {file} has no weights that can be read ({problem}).") from error
    wanted = _own(network).state_dict()
    for key, tensor in wanted.items():
        if key not in state and key.endswith("num_batches_tracked"):  # older files do not have them
            state[key] = torch.zeros_like(tensor)
        if key not in state or state[key].shape != tensor.shape:
            raise InputError(f"pretrained: {file} is of another network than {name}: see its {key}.")
    _own(network).load_state_dict({key: state[key] for key in wanted})
    return {"name": file.name, "sha256": digest(content)}


class Normalisation(nn.Module):
    """Pixels x from 0 to 255 to (x / 255 - mean) / std by channel; grey images are repeated to three."""

    factor: Tensor
    offset: Tensor

    def __init__(self, mean: list[float], std: list[float]) -> None:
        super().__init__()
        spread = torch.tensor(std)[:, None, None]
        self.register_buffer("factor", 1 / (255 * spread), persistent=False)
        self.register_buffer("offset", torch.tensor(mean)[:, None, None] / spread, persistent=False)

    def forward(self, images: Tensor) -> Tensor:
        return images * self.factor - self.offset


def _backbone(name: str) -> nn.Module:
    """Build torchvision's network, with the weights that it draws by torch's generator."""
    network: nn.Module = models.get_model(name, weights=None, **(OPTIONS if name in WITH_OPTIONS else {}))
    return network


def _last_layer(backbone: nn.Module) -> tuple[str, nn.Linear]:
    """Return the last linear layer, and its name."""
    return [(name, layer) for name, layer in backbone.named_modules() if isinstance(layer, nn.Linear)][-1]


def _normalisation(name: str) -> Normalisation:
    asked = models.get_model_weights(name).DEFAULT.transforms()
    return Normalisation(asked.mean, asked.std)


def _refuse_size(features: nn.Module, shape: tuple[int, int, int], name: str) -> None:
    """Raise an `InputError` if no features can be computed of images of `shape`; none are computed."""
    tensors = {
        key: each.to("meta") for key, each in (*features.named_parameters(), *features.named_buffers())
    }
    try:
        with torch.no_grad():
            torch.func.functional_call(features, tensors, torch.empty(1, *shape, device="meta"))
    except Exception as error:  # AssertionError, RuntimeError, ValueError, by the network
        side = models.get_model_weights(name).DEFAULT.transforms().crop_size[0]
        raise InputError(
            f"network 'torchvision/{name}' takes no images of {shape[1]} x {shape[2]} pixels; "
            f"{side} x {side} is what it was made for (image_folder.pixels: {side})."
        ) from error


def _name(network: Network) -> str:
    return network.blueprint.network.partition("/")[2]


def _own(network: Network) -> nn.Module:
    """Return torchvision's part of a network."""
    return network.features[-1]


def _published(name: str) -> Path:
    """Return the file of torchvision's own weights, downloaded into torch's cache if it is not there."""
    url = _url(name)
    file = Path(torch.hub.get_dir(), "checkpoints", url.rpartition("/")[2])
    if not file.is_file():
        stated = re.search(r"-([0-9a-f]{8,})\.", file.name)  # the first digits of its hash
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            torch.hub.download_url_to_file(url, str(file), stated and stated.group(1), progress=False)
        except (OSError, RuntimeError) as error:
            raise InputError(
                f"pretrained: {url} cannot be downloaded ({error}); where there is no network, fetch the "
                "file elsewhere and give its path in the recipe (pretrained: /path/file.pth), or give none."
            ) from error
    return file


def _url(name: str) -> str:
    url: str = models.get_model_weights(name).DEFAULT.url
    return url


def _tensors(file: Path, content: bytes) -> dict[str, Any]:
    """Return the tensors in a file by name; nothing in it is run (`weights_only`)."""
    if file.suffix == ".safetensors":
        return load_safetensors(content)
    return dict(torch.load(file, map_location="cpu", weights_only=True))


def _renamed(state: dict[str, Any]) -> dict[str, Any]:
    """Return the tensors with the names that torchvision's DenseNets have now: norm.1 has become norm1."""
    old = re.compile(r"(.*denselayer\d+\.(?:norm|relu|conv))\.([12]\..*)")
    return {old.sub(r"\1\2", name): tensor for name, tensor in state.items()}
