"""ONNX files compute what the networks do, for batches of any size, and say what their classes are called."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from torch import nn

from imbalance import networks
from imbalance.methods.parts.classifiers import NearestCenter, NearestCluster, NormedLinear
from imbalance.networks.parts.inputs import Columns, GcnZca, Standardize
from imbalance.networks.parts.network import Ensemble, Network
from stages import run
from tests.builders.data import put
from tests.builders.prediction import SIDE, made, pictures
from tools import export

pytestmark = pytest.mark.long  # to export a network takes seconds


def lenet5(make: Callable[[nn.Linear], nn.Module] = lambda own: own) -> Network:
    """A network for grey images of three classes, with another classifier in place of its own."""
    network = networks.build("lenet5", (1, SIDE, SIDE), 3)
    network.classifier = make(network.classifier)
    return network


def whitened() -> Network:
    """A network with fitted whitening."""
    network = networks.build("all_cnn", (1, SIDE, SIDE), 3, GcnZca(name="gcn_zca"))
    network.inputs.fit(export.random_inputs(50, (1, SIDE, SIDE)).numpy())
    return network


@pytest.mark.parametrize(
    "build",
    [
        lambda: lenet5(lambda own: NormedLinear(own.weight, scale=7)),
        lambda: lenet5(lambda own: NearestCenter(own.weight.detach().clone())),
        lambda: lenet5(
            lambda own: NearestCluster(torch.stack([own.weight.detach(), -own.weight.detach()], dim=1))
        ),
        whitened,
        lambda: networks.build(
            "resnet32", (1, SIDE, SIDE), 3, Standardize(name="standardize", mean=[0.4], std=[0.2])
        ),
        lambda: networks.build("mlp", (7,), 3, Columns(name="columns")),
        lambda: Ensemble([lenet5() for _ in range(2)]),
    ],
    ids=[
        "normalised",
        "centers",
        "clusters",
        "whitened",
        "resnet32",
        "rows",
        "ensemble",
    ],
)
def test_each_kind_of_network_gives_the_same_logits_for_batches_of_any_size(
    build: Callable[[], Network | Ensemble], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.manual_seed(0)  # some random weights of all_cnn let nothing through
    network = build().eval()
    folder = made(tmp_path, [network], [[9, 5, 1]])
    export.main([str(folder / "000.safetensors"), "-o", str(tmp_path / "network.onnx")])
    printed = capsys.readouterr()
    assert "the largest difference from torch is" in printed.out
    session = onnxruntime.InferenceSession(tmp_path / "network.onnx")
    said = session.get_modelmeta().custom_metadata_map
    assert json.loads(said["classes"]) == ["c0", "c1", "c2"]
    assert json.loads(said["sizes"]) == [9, 5, 1]
    shape = (network.networks[0] if isinstance(network, Ensemble) else network).blueprint.shape
    assert ("rows as they are in the CSV file give wrong logits" in printed.err) == (len(shape) == 1)
    for count in (1, 12):
        inputs = export.random_inputs(count, shape)
        with torch.no_grad():
            expected = network(inputs).numpy()
        logits = session.run(["logits"], {"images": inputs.numpy()})[0]
        np.testing.assert_allclose(logits, expected, atol=1e-4)
        assert np.ptp(logits) > 0.01, "a comparison of zeros shows nothing"


def test_a_file_that_computes_something_else_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = lenet5().eval(), lenet5().eval()
    model = export.exported(one, (1, SIDE, SIDE), {})
    images = export.random_inputs(3, (1, SIDE, SIDE))
    assert export.difference(one, model, images) < export.TOLERANCE < export.difference(other, model, images)
    folder = made(tmp_path / "models", [one], [[1, 1, 1]])
    pictures(tmp_path / "new", {"a": 4}, channels=1)
    put(tmp_path / "new" / "deep.png", np.full((20, 24), 4000, np.uint16))
    pictures(tmp_path / "new", {"colours": 1})
    arguments = [
        str(folder / "000.safetensors"),
        *("-o", str(tmp_path / "network.onnx"), "--images", str(tmp_path / "new")),
        *("--bits", "12", "--grey"),
    ]
    export.main(arguments)
    assert "on 14 inputs" in capsys.readouterr().out
    (tmp_path / "network.onnx").unlink()
    monkeypatch.setattr(export, "TOLERANCE", -1)
    with pytest.raises(SystemExit, match=r"differ from torch's by .* nothing is written"):
        run(lambda: export.main(arguments))
    assert not (tmp_path / "network.onnx").exists()
