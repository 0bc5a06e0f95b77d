import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from imbalance import weights
from imbalance.errors import InputError
from imbalance.methods.parts.classifiers import NearestCenter, NearestCluster, NormedLinear
from imbalance.networks import build
from imbalance.networks.parts.inputs import GcnZca, Standardize
from imbalance.networks.parts.network import Ensemble, Network

IMAGES = torch.randint(0, 256, (5, 1, 16, 16), dtype=torch.uint8)


def same_tensors(one: nn.Module, other: nn.Module) -> bool:
    ours, theirs = one.state_dict(), other.state_dict()
    return ours.keys() == theirs.keys() and all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_round_trip_is_bit_identical_and_so_are_the_files(tmp_path: Path) -> None:
    network = build("lenet5", (1, 28, 28), 10)
    for folder in ("a", "b"):
        weights.save(network, tmp_path / folder, 3, {})
    assert same_tensors(weights.read(weights.path(tmp_path / "a", 3)), network)
    assert weights.path(tmp_path / "a", 3).read_bytes() == weights.path(tmp_path / "b", 3).read_bytes()


def test_the_bytes_do_not_depend_on_the_memory_layout(tmp_path: Path) -> None:
    network = build("lenet5", (1, 28, 28), 10)
    weights.save(network, tmp_path / "channels_last", 0, {})
    weights.save(network.to(memory_format=torch.contiguous_format), tmp_path / "plain", 0, {})
    files = [weights.path(tmp_path / folder, 0).read_bytes() for folder in ("channels_last", "plain")]
    assert files[0] == files[1]


def with_head(make: Callable[[nn.Linear], nn.Module]) -> Network:
    network = build("lenet5", (1, 16, 16), 3)
    network.classifier = make(network.classifier)
    return network


@pytest.mark.parametrize(
    "network",
    [
        build("small_cnn", (1, 16, 16), 3),
        build("all_cnn", (1, 16, 16), 3, GcnZca(name="gcn_zca")),
        build("resnet32", (1, 16, 16), 3, Standardize(name="standardize", mean=[0.4], std=[0.2])),
        with_head(lambda own: NormedLinear(own.weight, scale=7)),
        with_head(lambda own: NearestCenter(own.weight.detach().clone())),
        with_head(
            lambda own: NearestCluster(torch.stack([own.weight.detach(), -own.weight.detach()], dim=1))
        ),
        Ensemble([build("lenet5", (1, 16, 16), 3) for _ in range(2)]),
    ],
    ids=["batch normalisation", "whitening", "standardised", "normalised", "centers", "clusters", "ensemble"],
)
def test_a_file_alone_gives_the_network_ready_to_evaluate(
    network: Network | Ensemble, tmp_path: Path
) -> None:
    weights.save(network, tmp_path, 0, {"seed": 3})
    found = weights.read(weights.path(tmp_path, 0))
    assert not any(layer.training for layer in found.modules())
    assert same_tensors(found, network)
    with torch.no_grad():
        assert torch.equal(found(IMAGES), network.eval()(IMAGES))
    assert weights.provenance(weights.path(tmp_path, 0))["seed"] == 3


def test_others_may_read_the_files_as_the_user_lets_them(tmp_path: Path) -> None:
    for mask, mode in ((0o022, 0o644), (0o027, 0o640)):
        before = os.umask(mask)
        try:
            weights.save(build("small_cnn", (1, 16, 16), 3), tmp_path, 0, {})
        finally:
            os.umask(before)
        assert weights.path(tmp_path, 0).stat().st_mode & 0o777 == mode


def other(**changes: object) -> Callable[[dict[str, Tensor], dict[str, object]], None]:
    return lambda _, architecture: architecture.update(changes)


def bias(change: Callable[[Tensor], Tensor]) -> Callable[[dict[str, Tensor], dict[str, object]], None]:
    return lambda tensors, _: tensors.update({"classifier.bias": change(tensors["classifier.bias"])})


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (other(classes=7), r"classifier.bias is torch.float32 (10,), not torch.float32 (7,)"),
        (other(network="small_cnn"), "features.1.bias is in one of file and network alone"),
        (other(network="lenet"), "no network 'lenet'; did you mean 'lenet5'?"),
        (other(shape=[1, 5, 5]), "network 'lenet5' needs images of at least 16 x 16 pixels"),
        (other(members=2), "is in one of file and network alone"),
        (other(classifier={"kind": "odd"}), "makes no classifier of the kind 'odd'"),
        (other(classifier={"kind": "normalised", "scale": 1}), "classifier.bias is in one of file and"),
        (lambda _, architecture: architecture.clear(), "'members'"),
        (bias(lambda tensor: tensor.int()), "classifier.bias is torch.int32 (10,), not torch.float32 (10,)"),
        (bias(lambda tensor: tensor.log()), "classifier.bias has values that are not finite numbers"),
        (lambda tensors, _: tensors.pop("classifier.bias"), "classifier.bias is in one of file and network"),
    ],
)
def test_what_does_not_fit_is_one_clear_sentence(
    change: Callable[[dict[str, Tensor], dict[str, object]], object], problem: str, tmp_path: Path
) -> None:
    network = build("lenet5", (1, 28, 28), 10)
    nn.init.constant_(network.classifier.bias, -1)
    weights.save(network, tmp_path, 0, {})
    file = weights.path(tmp_path, 0)
    tensors, said = load_file(file), weights.provenance(file)
    change(tensors, said["architecture"])
    weights.write(tensors, file, {"provenance": json.dumps(said)})
    refused_with(file, problem)


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (lambda file: file.unlink(), "does not say how it came to be (No such file"),
        (lambda file: file.write_bytes(file.read_bytes()[:-100]), "does not say how it came to be"),
        (lambda file: file.write_bytes(b"\xff" * 1000), "does not say how it came to be"),
        (lambda file: weights.write({"a": torch.zeros(1)}, file), "does not say how it came to be"),
    ],
)
def test_a_broken_file_is_one_clear_sentence(
    damage: Callable[[Path], None], problem: str, tmp_path: Path
) -> None:
    weights.save(build("lenet5", (1, 28, 28), 10), tmp_path, 0, {})
    damage(weights.path(tmp_path, 0))
    refused_with(weights.path(tmp_path, 0), problem)


def refused_with(file: Path, problem: str) -> None:
    with pytest.raises(InputError) as refused:
        weights.read(file)
    message = str(refused.value)
    assert message.startswith(f"{file} holds no network (")
    assert message.endswith("; delete it and run `dvc repro`.")
    assert problem in message
    assert "\n" not in message
