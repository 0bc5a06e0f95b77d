"""Networks of torchvision, with random weights only: what their files do, not what is published in them."""

import hashlib
import os
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn
from torchvision import models
from torchvision.transforms import functional

from imbalance import networks, weights
from imbalance.errors import InputError
from imbalance.networks import torchvision
from imbalance.networks.parts.network import Network

NAME, SHAPE = "torchvision/resnet18", (3, 32, 32)
IMAGES = torch.randint(0, 256, (4, *SHAPE), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
QUICK = ("resnet18", "mobilenet_v3_small", "shufflenet_v2_x0_5")
OTHERS = (  # one of each family
    *(
        "alexnet",
        "convnext_tiny",
        "densenet121",
        "efficientnet_b0",
        "efficientnet_v2_s",
        "googlenet",
        "inception_v3",
    ),
    *(
        "maxvit_t",
        "mnasnet0_5",
        "mobilenet_v2",
        "regnet_y_400mf",
        "resnext50_32x4d",
        "swin_t",
        "swin_v2_t",
        "vgg11_bn",
    ),
    *("vit_b_16", "wide_resnet50_2"),
)
EVERY = [*QUICK, *(pytest.param(name, marks=pytest.mark.slow) for name in OTHERS)]


def build(name: str = NAME, shape: tuple[int, int, int] = SHAPE) -> Network:
    return networks.build(name, shape, 5, networks.Scale(name="scale", factor=1))


def reference(seed: int = 0) -> nn.Module:
    """Torchvision's own network, with random weights and statistics, for 1000 classes."""
    torch.manual_seed(seed)
    model = models.resnet18()
    for layer in model.modules():
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.uniform_(layer.running_mean)
    return model.eval()


def published(folder: Path, seed: int = 0) -> Path:
    """A file as torchvision publishes it, whose name has the first digits of its hash."""
    torch.save(reference(seed).state_dict(), file := folder / "weights.pth")
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return file.rename(folder / f"resnet18-{digest[:8]}.pth")


@pytest.mark.parametrize("name", EVERY)
def test_every_network_has_features_and_a_linear_classifier(name: str) -> None:
    side = models.get_model_weights(name).DEFAULT.transforms().crop_size[0]
    network = build(f"torchvision/{name}", (1, side, side)).eval()
    features = network.features(IMAGES.new_zeros(1, 1, side, side))
    assert features.shape == (1, network.classifier.in_features)
    assert network.classifier(features).shape == (1, 5)
    assert networks.is_linear(f"torchvision/{name}")
    networks.initialize(f"torchvision/{name}", network, np.random.default_rng(0))
    own = models.get_model(name, weights=None)
    fixed = ("googlenet", "inception_v3")  # with auxiliary classifiers of their own
    if name not in fixed:
        *_, last = [layer for layer in own.modules() if isinstance(layer, nn.Linear)]
        ours = sum(each.numel() for each in network.features.parameters())
        assert ours == sum(each.numel() for each in own.parameters()) - sum(
            e.numel() for e in last.parameters()
        )


@pytest.mark.parametrize("kind", [".pth", ".safetensors"])
def test_pretrained_features_are_those_of_torchvision(kind: str, tmp_path: Path) -> None:
    """Its own normalisation and its own network, of images with 1000 classes before."""
    file = published(tmp_path)
    if kind == ".safetensors":
        save_file(torch.load(file), file := file.with_suffix(kind))
    network = build().eval()
    said = networks.pretrain(NAME, network, str(file))
    assert said == {"name": file.name, "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
    own = reference()
    own.fc = nn.Identity()
    asked = models.ResNet18_Weights.DEFAULT.transforms()
    expected = own(functional.normalize(functional.convert_image_dtype(IMAGES), asked.mean, asked.std))
    torch.testing.assert_close(network.features(IMAGES), expected, rtol=1e-4, atol=1e-5)
    weights.save(network, tmp_path, 0, {})
    assert torch.equal(weights.read(weights.path(tmp_path, 0))(IMAGES), network(IMAGES))


def test_grey_images_are_repeated() -> None:
    grey, coloured = build(shape=(1, 32, 32)).eval(), build().eval()
    coloured.load_state_dict(grey.state_dict())
    images = IMAGES[:, :1]
    torch.testing.assert_close(grey(images), coloured(images.expand(-1, 3, -1, -1)))


def test_random_weights_repeat_with_the_generator_and_leave_torchs_alone() -> None:
    drawn = []
    for seed in (0, 0, 1):
        torch.manual_seed(seed + 5)
        network = build()
        before = torch.get_rng_state()
        networks.initialize(NAME, network, np.random.default_rng(seed))
        assert torch.equal(torch.get_rng_state(), before)
        drawn.append(network.state_dict())
    assert all(torch.equal(drawn[0][key], drawn[1][key]) for key in drawn[0])
    assert not torch.equal(drawn[0]["features.2.conv1.weight"], drawn[2]["features.2.conv1.weight"])
    spread = drawn[0]["features.2.conv1.weight"].std().item()
    assert spread == pytest.approx((2 / (64 * 49)) ** 0.5, rel=0.03), (
        "torchvision's kaiming normal of fan_out"
    )


def test_only_the_classifier_of_a_pretrained_network_is_drawn(tmp_path: Path) -> None:
    network = build()
    networks.pretrain(NAME, network, str(published(tmp_path)))
    before = {key: tensor.clone() for key, tensor in network.state_dict().items()}
    networks.initialize(NAME, network, np.random.default_rng(0), pretrained=True)
    changed = {key for key, tensor in network.state_dict().items() if not torch.equal(tensor, before[key])}
    assert changed == {"classifier.weight", "classifier.bias"}


def test_own_weights_are_fetched_once_and_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "there").mkdir()
    file = published(tmp_path / "there")
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "cache"))
    monkeypatch.setattr(torchvision, "_url", lambda name: file.as_uri())
    expected = networks.pretrain(NAME, build(), str(file))
    content = file.read_bytes()
    assert networks.pretrain(NAME, build(), "imagenet") == expected
    file.unlink()
    assert networks.pretrain(NAME, build(), "imagenet") == expected, "from the cache"
    (tmp_path / "cache" / "checkpoints" / file.name).unlink()
    with pytest.raises(
        InputError, match=r"cannot be downloaded .* where there is no network, fetch the file"
    ):
        networks.pretrain(NAME, build(), "imagenet")
    file.write_bytes(content + b"more")
    with pytest.raises(InputError, match=r"cannot be downloaded \(invalid hash value"):
        networks.pretrain(NAME, build(), "imagenet")


class Harmful:
    """What runs a command when it is unpickled by a reader that trusts it."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("touch harmed",)


def test_files_that_are_no_such_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"fc": torch.zeros(1)}, "other.pth")
    Path("harmful.pth").write_bytes(pickle.dumps(Harmful()))
    Path("text.pth").write_text("no weights")
    for name, problem in {
        "none.pth": "has no weights that can be read",
        "text.pth": "has no weights that can be read",
        "harmful.pth": "has no weights that can be read",
        "other.pth": "is of another network than resnet18: see its conv1.weight",
    }.items():
        with pytest.raises(InputError, match=problem) as refused:
            networks.pretrain(NAME, build(), name)
        assert "\n" not in str(refused.value)
    assert not Path("harmed").exists()


def test_names_and_sizes_that_do_not_exist_are_refused() -> None:
    for name, problem in {
        "torchvision/resnet81": "the nearest are: torchvision/resnet18",
        "torchvision/squeezenet1_0": "no network 'torchvision/squeezenet1_0'",
        "torchvison/resnet18": "no network 'torchvison'; did you mean 'torchvision'",
        "lenet5/resnet18": "no network 'lenet5/resnet18'",
    }.items():
        with pytest.raises(InputError, match=problem):
            build(name)
    with pytest.raises(InputError, match="takes 1 or 3 channels; these images have 4"):
        build(shape=(4, 32, 32))
    with pytest.raises(
        InputError, match="takes no images of 32 x 32 pixels; 224 x 224 is what it was made for"
    ):
        build("torchvision/alexnet")


def test_old_names_in_densenets_are_todays() -> None:
    old = {"features.denseblock1.denselayer2.norm.1.weight": 1, "features.norm5.weight": 2}
    assert torchvision._renamed(old) == {
        "features.denseblock1.denselayer2.norm1.weight": 1,
        "features.norm5.weight": 2,
    }
    wanted = models.densenet121().state_dict()
    assert "features.denseblock1.denselayer2.norm1.weight" in wanted
