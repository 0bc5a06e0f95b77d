"""The networks as published: layers, parameters, initial weights."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from imbalance import networks
from imbalance.errors import InputError
from imbalance.networks import (
    all_cnn,
    build,
    initialize,
    resnet10,
    resnet32,
    resnet56,
    small_cifar,
    small_cnn,
)
from imbalance.networks.parts.layers import CaffeBatchNorm, Linear, Residual
from imbalance.networks.parts.network import Network
from imbalance.reproducibility.seeding import generator
from tests.builders.networks import every_network

SMALLEST = {"all_cnn": 9, "lenet5": 16, "resnet10": 16, "small_cifar": 7, "small_cnn": 8}


def draw_images(count: int, shape: tuple[int, int, int]) -> Tensor:
    """Standard normal images (count, *shape), the same ones each time."""
    return torch.randn(count, *shape, generator=torch.Generator().manual_seed(0))


def parameters_of(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def types(layers: nn.Module) -> list[type[nn.Module]]:
    return [type(layer) for layer in layers.children()]


def initialized(name: str, shape: tuple[int, int, int] = (3, 32, 32), classes: int = 10) -> Network:
    network = build(name, shape, classes)
    initialize(name, network, np.random.default_rng(0))
    return network


@every_network
@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 32, 32), (4, 33, 20)])
def test_features_then_classifier(name: str, shape: tuple[int, int, int]) -> None:
    network = initialized(name, shape, 7).eval()
    features = network.features(draw_images(3, shape))
    assert features.shape[0] == 3
    logits = network(draw_images(3, shape))
    assert torch.equal(logits, network.classifier(features))
    assert logits.shape == (3, network.classes) == (3, 7)
    assert logits.dtype == features.dtype == torch.float32


@every_network
def test_an_image_is_classified_alike_whatever_its_batch(name: str) -> None:
    network = initialized(name).eval()
    together = network(draw_images(8, (3, 32, 32)))
    alone = torch.cat([network(image[None]) for image in draw_images(8, (3, 32, 32))])
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-5)


@every_network
def test_gradients_repeat_with_torchs_generator(name: str) -> None:
    gradients = []
    for _ in range(2):
        network = initialized(name).train()
        torch.manual_seed(0)
        loss = nn.functional.cross_entropy(network(draw_images(8, (3, 32, 32))), torch.arange(8))
        gradients.append(torch.autograd.grad(loss, list(network.parameters())))
    assert all(torch.equal(first, again) for first, again in zip(*gradients, strict=True))


@every_network
def test_initial_weights_repeat_with_the_generator(name: str) -> None:
    drawn = []
    for replicate in (0, 0, 1):
        network = build(name, (3, 32, 32), 10)
        initialize(name, network, generator(0, replicate, "weights"))
        drawn.append(network.state_dict())
    assert all(torch.equal(drawn[0][key], drawn[1][key]) for key in drawn[0])
    first = next(key for key, tensor in drawn[0].items() if tensor.ndim >= 2)
    assert not torch.equal(drawn[0][first], drawn[2][first])


@every_network
def test_initial_biases_are_zero_and_normalisations_do_nothing(name: str) -> None:
    for layer in initialized(name).modules():
        if isinstance(layer, nn.BatchNorm2d):
            assert (layer.weight == 1).all()
            assert (layer.running_var == 1).all()
            assert not layer.bias.any()
            assert not layer.running_mean.any()
        elif isinstance(layer, nn.Conv2d) and layer.bias is not None:
            assert not layer.bias.any()


@pytest.mark.parametrize(("name", "side"), SMALLEST.items())
def test_images_that_are_too_small_are_refused(name: str, side: int) -> None:
    shape = (1, side, side)
    assert build(name, shape, 10)(draw_images(2, shape)).shape == (2, 10)
    with pytest.raises(
        InputError, match=f"'{name}' needs .* at least {side} x {side} .* {side} x {side - 1}"
    ):
        build(name, (1, side, side - 1), 10)


def test_an_unknown_network_is_refused_with_the_nearest() -> None:
    with pytest.raises(InputError, match="no network 'lenet'; did you mean 'lenet5'"):
        networks.build("lenet", (1, 28, 28), 10)


def test_lenet5_is_caffes() -> None:
    network = build("lenet5", (1, 28, 28), 10)
    assert parameters_of(network) == 431_080
    shapes = [tuple(parameter.shape) for parameter in network.parameters()]
    assert shapes == [(20, 1, 5, 5), (20,), (50, 20, 5, 5), (50,), (500, 800), (500,), (10, 500), (10,)]
    # no non-linearity after the convolutions, one after the 500 hidden units
    layers = types(network.features)
    assert layers[1:] == [nn.Conv2d, nn.MaxPool2d, nn.Conv2d, nn.MaxPool2d, nn.Flatten, Linear, nn.ReLU]


def test_lenet5_pools_as_caffe_does() -> None:
    """Caffe's pooling layer: ceil((side + 2 pad - kernel) / stride) + 1; 36 sides are odd before a pooling."""

    def pooled(side: int) -> int:
        return -(-(side - 2) // 2) + 1

    differing = 0
    for side in range(16, 65):
        first = pooled(side - 4)
        second = pooled(first - 4)
        differing += second != ((side - 4) // 2 - 4) // 2 or first != (side - 4) // 2
        maps, seen = torch.zeros(1, 1, side, side), []
        network = build("lenet5", (1, side, side), 2)
        for layer in network.features[1:]:
            maps = layer(maps)
            if isinstance(layer, nn.MaxPool2d):
                seen.append(tuple(maps.shape[-2:]))
        assert seen == [(first, first), (second, second)]
    assert differing == 36


def test_pixels_are_scaled_by_one_256th() -> None:
    network = build("lenet5", (1, 28, 28), 10)
    pixels = torch.arange(256, dtype=torch.uint8)
    assert torch.equal(network.features[0](pixels), torch.arange(256) * 0.00390625)


def test_initial_weights_of_lenet5_are_drawn_layer_by_layer() -> None:
    network = initialized("lenet5", (1, 28, 28))
    rng = np.random.default_rng(0)
    for parameter in (parameter for parameter in network.parameters() if parameter.ndim > 1):
        bound = np.sqrt(3 / parameter[0].numel())
        expected = rng.uniform(-bound, bound, tuple(parameter.shape)).astype(np.float32)
        assert torch.equal(parameter, torch.from_numpy(expected))


def test_all_cnn_is_the_published_prototxt() -> None:
    network = all_cnn.build((3, 32, 32), 10)
    assert parameters_of(network) == 1_369_738
    assert parameters_of(network.classifier) == 38_986
    pair = [nn.Conv2d, nn.ReLU]
    assert types(network.features) == [nn.Dropout, *3 * pair, nn.Dropout, *3 * pair, nn.Dropout, *pair]
    assert types(network.classifier) == [*2 * pair, nn.AdaptiveAvgPool2d, nn.Flatten]
    rates = [layer.p for layer in network.features if isinstance(layer, nn.Dropout)]
    assert rates == [0.2, 0.5, 0.5]
    convolutions = [layer for layer in network.modules() if isinstance(layer, nn.Conv2d)]
    assert [layer.out_channels for layer in convolutions] == [96] * 3 + [192] * 5 + [10]
    assert [layer.kernel_size[0] for layer in convolutions] == [3] * 7 + [1] * 2
    assert [layer.stride[0] for layer in convolutions] == [1, 1, 2, 1, 1, 2, 1, 1, 1]
    assert [layer.padding[0] for layer in convolutions] == [1] * 6 + [0] * 3
    assert network.features(draw_images(2, (3, 32, 32))).shape == (2, 192, 6, 6)


def test_class_scores_of_all_cnn_are_means_of_maps_without_negative_values() -> None:
    network = initialized("all_cnn").eval()
    images = draw_images(4, (3, 32, 32))
    maps = network.classifier[:4](network.features(images))
    assert maps.shape == (4, 10, 6, 6)
    assert (maps >= 0).all()
    torch.testing.assert_close(network(images), maps.mean(dim=(2, 3)))


def test_initial_weights_of_all_cnn_are_caffes_xavier() -> None:
    network = initialized("all_cnn")
    convolutions = [layer for layer in network.modules() if isinstance(layer, nn.Conv2d)]
    bounds = [0.333333] + [0.0589256] * 3 + [0.0416667] * 3 + [0.125] * 2
    for layer, bound in zip(convolutions, bounds, strict=True):
        assert 0.98 * bound < layer.weight.abs().max().item() <= bound * (1 + 1e-5)
        assert layer.weight.var().item() == pytest.approx(bound**2 / 3, rel=0.07)


def test_resnet10_is_the_published_prototxt() -> None:
    assert parameters_of(resnet10.build((3, 224, 224), 1000)) == 5_417_070
    network = resnet10.build((3, 224, 224), 10)
    assert parameters_of(network) == 4_909_200
    activation = [CaffeBatchNorm, nn.ReLU]
    assert types(network.features) == [
        *(CaffeBatchNorm, nn.Conv2d, *activation, nn.MaxPool2d, Residual),
        *3 * [*activation, Residual],
        *(*activation, nn.AdaptiveAvgPool2d, nn.Flatten),
    ]
    units = [layer for layer in network.features if isinstance(layer, Residual)]
    assert [types(unit.branch) for unit in units] == 4 * [[nn.Conv2d, *activation, nn.Conv2d]]
    assert [type(unit.shortcut) for unit in units] == [nn.Identity, nn.Conv2d, nn.Conv2d, nn.Conv2d]
    convolutions = [layer for layer in network.modules() if isinstance(layer, nn.Conv2d)]
    assert [layer.bias is not None for layer in convolutions] == [True] + 11 * [False]


@pytest.mark.parametrize(
    ("side", "sides"), [(224, [112, 56, 56, 28, 14, 7]), (32, [16, 8, 8, 4, 2, 1]), (28, [14, 7, 7, 4, 2, 1])]
)
def test_resolutions_of_resnet10(side: int, sides: list[int]) -> None:
    maps, seen = draw_images(2, (3, side, side)), []
    for layer in resnet10.build((3, side, side), 10).features[:-2]:
        maps = layer(maps)
        if isinstance(layer, nn.Conv2d | nn.MaxPool2d | Residual):
            seen.append(maps.shape[-1])
    assert seen == sides


def test_the_first_pooling_of_resnet10_starts_at_the_corner_and_ends_beyond_the_edge() -> None:
    pool = next(
        layer for layer in resnet10.build((3, 32, 32), 10).features if isinstance(layer, nn.MaxPool2d)
    )
    row = torch.arange(8.0).expand(1, 1, 8, 8)
    assert pool(row)[0, 0, 0].tolist() == [2, 4, 6, 7]


def test_initial_weights_of_resnet10_are_normal_and_its_logits_zero() -> None:
    network = initialized("resnet10")
    shapes = {(64, 3, 7, 7): 3136, (128, 64, 3, 3): 576, (128, 64, 1, 1): 64, (512, 512, 3, 3): 4608}
    for parameter in network.parameters():
        if fan := shapes.pop(tuple(parameter.shape), None):
            assert parameter.std().item() == pytest.approx((2 / fan) ** 0.5, rel=0.03)
            kurtosis = (parameter**4).mean() / (parameter**2).mean() ** 2
            assert kurtosis.item() == pytest.approx(3, rel=0.1)
    assert not shapes
    images = draw_images(4, (3, 32, 32))
    assert not network.train()(images).any()
    assert not network.eval()(images).any()
    assert network.features(images).any()


def test_statistics_of_resnet10_are_saved_with_its_weights() -> None:
    network, other = initialized("resnet10").train(), initialized("resnet10").eval()
    network(10 * draw_images(4, (3, 32, 32)))
    images = draw_images(4, (3, 32, 32))
    network.eval()
    assert not torch.equal(other.features(images), network.features(images))
    other.load_state_dict(network.state_dict())
    assert torch.equal(other.features(images), network.features(images))


def test_resnets_for_cifar_are_those_of_the_paper() -> None:
    for module, depth, parameters in ((resnet32, 32, 464_154), (resnet56, 56, 853_018)):
        network = module.build((3, 32, 32), 10)
        assert parameters_of(network) == parameters
        weighted = [layer for layer in network.modules() if isinstance(layer, nn.Conv2d | nn.Linear)]
        assert len(weighted) == depth
        units = (depth - 2) // 6
        convolutions = [layer for layer in weighted if isinstance(layer, nn.Conv2d)]
        channels = [layer.out_channels for layer in convolutions]
        assert channels == [16] * (1 + 2 * units) + [32] * 2 * units + [64] * 2 * units
        assert [layer.stride[0] for layer in convolutions].count(2) == 2
        assert network.features(draw_images(2, (3, 32, 32))).shape == (2, 64)


def test_small_cnn_has_three_blocks() -> None:
    network = small_cnn.build((3, 32, 32), 10)
    assert parameters_of(network) == 94_762
    block = [nn.Conv2d, nn.BatchNorm2d, nn.ReLU, nn.MaxPool2d]
    assert types(network.features) == [*3 * block, nn.AdaptiveAvgPool2d, nn.Flatten]
    assert network.features[:-2](draw_images(2, (3, 64, 48))).shape == (2, 128, 8, 6)


def test_small_cifar_works_on_few_pixels() -> None:
    network = small_cifar.build((3, 32, 32), 10)
    assert parameters_of(network) == 101_506
    block, pooled = [nn.Conv2d, nn.BatchNorm2d, nn.ReLU], [nn.Conv2d, nn.MaxPool2d, nn.BatchNorm2d, nn.ReLU]
    assert types(network.features) == [*block, *pooled, *pooled, *block, nn.AdaptiveAvgPool2d, nn.Flatten]
    sides, maps = [], draw_images(2, (3, 32, 32))
    for layer in network.features[:-2]:
        maps = layer(maps)
        sides += [maps.shape[-1]] * isinstance(layer, nn.Conv2d)
    assert sides == [16, 16, 8, 4]
    assert maps.shape == (2, 128, 4, 4)
