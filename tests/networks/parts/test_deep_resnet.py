"""The very deep networks: torchvision's with another stem, and the same in a fleet."""

from typing import Any

import pytest
import torch
from torch import nn
from torchvision import models

from imbalance.networks import plain34, resnet18, resnet34, resnet50
from imbalance.networks.parts import deep_resnet
from imbalance.networks.parts.layers import Residual
from imbalance.networks.parts.network import Network
from imbalance.training.fleet.stacking import Fleet

UNITS = pytest.mark.parametrize(
    ("branch", "shortcuts"),
    [(deep_resnet.basic, True), (deep_resnet.bottleneck, True), (deep_resnet.basic, False)],
)


def parameters_of(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def torchvisions(name: str) -> nn.Module:
    """The network of torchvision with the stem for CIFAR."""
    network = getattr(models, name)(num_classes=10)
    network.conv1 = nn.Conv2d(3, 64, kernel_size=3, padding=1, bias=False)
    network.maxpool = nn.Identity()
    return network


def narrow(branch: deep_resnet.Branch, shortcuts: bool, seed: int = 0) -> Network:
    """A network of one or two units a stage, with 2 to 16 channels, in doubles."""
    torch.manual_seed(seed)
    return deep_resnet.build(1, 3, (1, 2, 1, 1), branch, shortcuts).double()


@pytest.fixture(autouse=True)
def _small(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "branch" in request.fixturenames:
        monkeypatch.setattr(deep_resnet, "WIDTHS", (2, 4, 8, 16))


@pytest.mark.parametrize(
    ("module", "layers", "parameters"),
    [
        (resnet18, 18, 11_173_962),
        (resnet34, 34, 21_282_122),
        (resnet50, 50, 23_520_842),
        # resnet34's without its three projections and their normalisations
        (plain34, 34, 21_282_122 - sum(inputs * 2 * inputs + 4 * inputs for inputs in (64, 128, 256))),
    ],
)
def test_layers_and_parameters(module: object, layers: int, parameters: int) -> None:
    with torch.device("meta"):
        network = module.build((3, 32, 32), 10)  # type: ignore[attr-defined]
        maps = network.features[:-2](torch.empty(2, 3, 32, 32))
    assert parameters_of(network) == parameters
    weighted = [layer for layer in network.modules() if isinstance(layer, nn.Conv2d | nn.Linear)]
    projections = [layer.shortcut for layer in network.modules() if isinstance(layer, Residual)]
    assert len(weighted) - sum(isinstance(each, nn.Sequential) for each in projections) == layers
    assert maps.shape == (2, 2048 if module is resnet50 else 512, 4, 4)


@pytest.mark.parametrize("name", ["resnet18", "resnet34", "resnet50"])
def test_parameters_are_as_many_as_torchvisions(name: str) -> None:
    with torch.device("meta"):
        ours = {"resnet18": resnet18, "resnet34": resnet34, "resnet50": resnet50}[name].build((3, 32, 32), 10)
        theirs = torchvisions(name)
    shapes = [tuple(parameter.shape) for parameter in theirs.parameters()]
    assert [tuple(parameter.shape) for parameter in ours.parameters()] == shapes


@pytest.mark.parametrize(
    ("module", "name"), [(resnet18, "resnet18"), pytest.param(resnet50, "resnet50", marks=pytest.mark.long)]
)
def test_logits_are_torchvisions(module: object, name: str) -> None:
    ours, theirs = module.build((3, 16, 16), 10), torchvisions(name)  # type: ignore[attr-defined]
    ours.load_state_dict(dict(zip(ours.state_dict(), theirs.state_dict().values(), strict=True)))
    images = torch.randn(2, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        torch.testing.assert_close(ours.train()(images), theirs.train()(images), rtol=1e-4, atol=1e-4)


def test_plain34_is_resnet34_without_shortcuts() -> None:
    """Each convolution on the way is the same, and a unit whose branch is zero passes nothing on."""
    with torch.device("meta"):
        plain, residual = plain34.build((3, 32, 32), 10), resnet34.build((3, 32, 32), 10)
    on_the_way = [parameter.shape for key, parameter in residual.named_parameters() if "shortcut" not in key]
    assert [parameter.shape for parameter in plain.parameters()] == on_the_way
    assert not any(isinstance(layer, Residual) for layer in plain.modules())


@UNITS
def test_a_relu_follows_each_sum(branch: deep_resnet.Branch, shortcuts: bool) -> None:
    layers: list[Any] = list(narrow(branch, shortcuts).features)
    sums = [at for at, layer in enumerate(layers) if isinstance(layer, Residual)]
    assert len(sums) == (5 if shortcuts else 0)
    assert all(isinstance(layers[at + 1], nn.ReLU) for at in sums)
    assert not any(isinstance(layers[at].branch[-1], nn.ReLU) for at in sums)


@UNITS
@pytest.mark.parametrize("side", [8, 15, 16])
def test_a_fleet_computes_what_its_networks_do_alone(
    branch: deep_resnet.Branch, shortcuts: bool, side: int
) -> None:
    alone = [narrow(branch, shortcuts, seed) for seed in range(3)]
    fleet = Fleet(alone).train()
    maps = torch.randn(3, 4, 1, side, side, generator=torch.Generator().manual_seed(0)).double()
    for mode in (True, False):
        expected = [network.train(mode)(own) for network, own in zip(alone, maps, strict=True)]
        torch.testing.assert_close(fleet.train(mode)(maps), torch.stack(expected), rtol=1e-8, atol=1e-8)
