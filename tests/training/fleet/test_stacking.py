"""Every member of a fleet computes what it would compute alone."""

import copy

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.functional import conv2d

from imbalance.methods.parts.classifiers import NormedLinear
from imbalance.networks import build, initialize
from imbalance.networks.parts.inputs import GcnZca, Standardize
from imbalance.networks.parts.layers import Residual
from imbalance.networks.parts.network import Network
from imbalance.networks.parts.stacking import NotStackableError, StackedConv2d, by_member, stack, unfold
from imbalance.reproducibility import code
from imbalance.training.fleet.stacking import Fleet
from tests.builders.networks import every_network
from tests.training.fleet.examples import MEMBERS, network_of


def images(count: int = 6, members: int = MEMBERS, channels: int = 1, side: int = 16) -> Tensor:
    """Bytes (K, N, channels, side, side), other ones for each member."""
    generator = torch.Generator().manual_seed(0)
    return torch.randint(256, (members, count, channels, side, side), dtype=torch.uint8, generator=generator)


def exact(member: int, name: str) -> Network:
    """A network in doubles, in which rounding is no excuse; without its first layer, which gives floats."""
    network = network_of(member, name).double().train()
    del network.features[0]
    return network


def maps(members: int = MEMBERS) -> Tensor:
    """Doubles (K, N, 1, 16, 16)."""
    return torch.randn(members, 6, 1, 16, 16, generator=torch.Generator().manual_seed(0)).double()


def test_outputs_are_those_of_the_networks_alone_from_bytes_on() -> None:
    alone = [network_of(member) for member in range(MEMBERS)]
    together = Fleet(alone)(images())
    expected = torch.stack([network(own) for network, own in zip(alone, images(), strict=True)])
    assert together.shape == (MEMBERS, 6, 3)
    torch.testing.assert_close(together, expected)


@every_network
def test_outputs_and_running_statistics_are_those_of_the_networks_alone(name: str) -> None:
    alone = [exact(member, name) for member in range(MEMBERS)]
    fleet, others = Fleet(alone).train(), [exact(9, name) for _ in range(MEMBERS)]
    for mode in (True, True, False):
        together = fleet.train(mode)(maps())
        expected = [network.train(mode)(own) for network, own in zip(alone, maps(), strict=True)]
        torch.testing.assert_close(together, torch.stack(expected), rtol=1e-8, atol=1e-8)
    fleet.copy_to(others)
    for network, other in zip(alone, others, strict=True):
        for key, tensor in network.state_dict().items():
            torch.testing.assert_close(other.state_dict()[key], tensor, rtol=1e-8, atol=1e-8, msg=key)


@every_network
def test_a_members_loss_has_the_gradients_of_its_network_and_none_for_the_others(name: str) -> None:
    alone = [exact(member, name) for member in range(2)]
    fleet = Fleet(alone).train()
    fleet(maps(2))[0].square().mean().backward()  # type: ignore[no-untyped-call]
    alone[0](maps(2)[0]).square().mean().backward()
    for (key, parameter), own in zip(fleet.model.named_parameters(), alone[0].parameters(), strict=True):
        scale = own.grad.abs().max().item()
        torch.testing.assert_close(parameter.grad[0], own.grad, rtol=1e-6, atol=1e-6 * scale, msg=key)
        assert not parameter.grad[1].any(), key


def test_a_fleet_of_one_is_its_network() -> None:
    network = network_of(0, "all_cnn")
    batch = images(members=1)
    torch.testing.assert_close(Fleet([network])(batch)[0], network(batch[0]))


@given(
    kernel=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    stride=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    padding=st.tuples(st.integers(0, 2), st.integers(0, 2)),
    side=st.tuples(st.integers(4, 9), st.integers(4, 9)),
)
@settings(max_examples=50, deadline=None)
def test_convolutions_of_any_shape_are_torchs(
    kernel: tuple[int, int], stride: tuple[int, int], padding: tuple[int, int], side: tuple[int, int]
) -> None:
    layers = [nn.Conv2d(3, 5, kernel, stride, padding).double() for _ in range(2)]
    stacked = StackedConv2d(layers)
    maps = torch.randn(2 * 4, 3, *side, dtype=torch.float64, requires_grad=True)
    ours = stacked(maps)
    theirs = torch.cat([layer(own) for layer, own in zip(layers, by_member(maps, 2), strict=True)])
    torch.testing.assert_close(ours, theirs)
    weights = torch.randn_like(ours)
    parameters = [layer.weight for layer in layers]
    expected = torch.autograd.grad((theirs * weights).sum(), [maps, *parameters])
    found = torch.autograd.grad((ours * weights).sum(), [maps, stacked.weight])
    torch.testing.assert_close(found[0], expected[0])
    torch.testing.assert_close(found[1], torch.stack(expected[1:]))


def test_unfolding_by_hand() -> None:
    maps = torch.arange(9.0).reshape(1, 1, 3, 3)
    assert unfold(maps, (2, 2), (1, 1), (0, 0)).tolist() == [
        [[[0, 1, 3, 4], [1, 2, 4, 5]], [[3, 4, 6, 7], [4, 5, 7, 8]]]
    ]
    assert unfold(maps, (2, 2), (2, 2), (1, 1)).tolist() == [
        [[[0, 0, 0, 0], [0, 0, 1, 2]], [[0, 3, 0, 6], [4, 5, 7, 8]]]
    ]
    two = torch.cat([maps, 10 * maps], dim=1)
    assert unfold(two, (2, 2), (1, 1), (0, 0))[0, 0, 0].tolist() == [0, 0, 1, 10, 3, 30, 4, 40]
    kernel = torch.randn(4, 2, 2, 2)
    products = unfold(two, (2, 2), (1, 1), (0, 0)) @ kernel.permute(0, 2, 3, 1).flatten(1).T
    torch.testing.assert_close(products.permute(0, 3, 1, 2), conv2d(two, kernel))


def test_cosines() -> None:
    generator = torch.Generator().manual_seed(0)
    alone = [NormedLinear(torch.randn(4, 6, generator=generator), 30) for _ in range(2)]
    features = torch.randn(2, 5, 6, generator=generator)
    expected = torch.stack([layer(own) for layer, own in zip(alone, features, strict=True)])
    torch.testing.assert_close(Fleet(alone)(features), expected)


@pytest.mark.parametrize("fitted", [False, True])
def test_inputs_that_are_fitted_to_every_members_own_images(fitted: bool) -> None:
    def network(member: int) -> Network:
        inputs = GcnZca(name="gcn_zca") if fitted else Standardize(name="standardize", mean=[0.4], std=[0.2])
        built = build("lenet5", (1, 16, 16), 3, inputs)
        initialize("lenet5", built, np.random.default_rng(member))
        built.inputs.fit(images(40)[member].numpy())
        return built

    alone = [network(member) for member in range(MEMBERS)]
    expected = torch.stack([each(own) for each, own in zip(alone, images(), strict=True)])
    torch.testing.assert_close(Fleet(alone)(images()), expected, rtol=1e-4, atol=1e-5)


def test_whitening_is_not_rounded_with_the_layers() -> None:
    layer = GcnZca(name="gcn_zca").layer((1, 16, 16))
    layer.fit(images(40)[0].numpy())
    expected = layer(images()[0])
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(layer(images()[0]), expected)
        torch.testing.assert_close(stack([layer])(images()[0]), expected, rtol=1e-5, atol=1e-5)


def test_members_drop_units_of_their_own() -> None:
    dropped = Fleet([nn.Sequential(nn.Dropout(0.3))] * 2).train()(torch.ones(2, 50, 40)) == 0
    assert dropped.float().mean().item() == pytest.approx(0.3, abs=0.03)
    assert not torch.equal(dropped[0], dropped[1])


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (nn.Conv2d(4, 4, 3, groups=2), "only plain convolutions"),
        (nn.Conv2d(4, 4, 3, dilation=2), "only plain convolutions"),
        (nn.Conv2d(4, 4, 3, padding="same"), "only plain convolutions"),
        (nn.Conv2d(4, 4, 3, padding_mode="circular"), "only plain convolutions"),
        (nn.BatchNorm2d(4, affine=False), "only batch normalisations with scales"),
        (nn.BatchNorm2d(4, momentum=None), "only batch normalisations with scales"),
        (nn.AdaptiveAvgPool2d(2), "average maps over all positions only"),
        (nn.Sequential(nn.GELU()), "do not know the layer GELU"),
    ],
)
def test_other_layers_are_refused_by_name(layer: nn.Module, message: str) -> None:
    with pytest.raises(NotStackableError, match=message):
        stack([layer, copy.deepcopy(layer)])


def test_a_subclass_of_a_known_layer_is_another_layer() -> None:
    class Doubled(nn.Linear):
        def forward(self, features: Tensor) -> Tensor:
            return 2 * super().forward(features)

    with pytest.raises(NotStackableError, match="do not know the layer Doubled"):
        stack([Doubled(2, 2)])


def test_a_subclass_of_a_layer_that_brings_its_twin_brings_its_own() -> None:
    class Doubled(Residual):
        def forward(self, maps: Tensor) -> Tensor:
            return 2 * super().forward(maps)

    with pytest.raises(NotStackableError, match="do not know the layer Doubled"):
        stack([Doubled(nn.Identity(), nn.Identity())])


def test_layers_of_one_architecture_train_no_other_again() -> None:
    """The code that trains a LeNet-5 knows nothing of the residual networks' layers."""
    modules = ("stages.train", "imbalance.methods.baseline", "imbalance.networks.lenet5")
    determining = code.determining(map(code.file_of, modules))
    assert "imbalance/networks/parts/stacking.py" in determining
    assert "imbalance/networks/parts/cifar_resnet.py" not in determining
