"""Several processes that train a network together, as torchrun starts them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from imbalance.errors import InputError
from imbalance.training import devices

# Two iterations of a network with BatchNorm and dropout's randomness, and its weights into a file.
TRAIN = """
import sys
import stages
import numpy as np
from pathlib import Path
from safetensors.torch import save_file
from imbalance import networks
from imbalance.reproducibility import arithmetic
from imbalance.training import devices
from imbalance.methods import parse
from imbalance.training.jobs import Job
from imbalance.training.loop import train
from tests.builders.training import examples, recipe
arithmetic.settle_torch()
name, iter_size, out = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
with devices.team("cpu"):
    network = networks.build(name, (1, 28, 28), 3)
    networks.initialize(name, network, np.random.default_rng(0))
    training, validation, test = (examples(seed, side=28) for seed in (1, 2, 3))
    chosen = recipe(batch=8, iter_size=iter_size, augmentation={"padding": 2, "mirror": True})
    train(Job(network, parse({"start": "initial"}), chosen, 2, training, validation, test, np.random.default_rng(4)))
    tensors = {key: tensor.contiguous() for key, tensor in network.state_dict().items()}
    save_file(tensors, out / f"{devices.rank()}.safetensors")
"""

# What a network says whose BatchNorm has other statistics in each process.
ASK = """
import sys
import stages
import numpy as np
import torch
from pathlib import Path
from safetensors.torch import save_file
from imbalance import networks
from imbalance.methods import parse
from imbalance.training import devices
from imbalance.training.jobs import Job, prepare
from tests.builders.training import examples, recipe
name, out = sys.argv[1], Path(sys.argv[3])
with devices.team("cpu"):
    network = networks.build(name, (1, 28, 28), 3)
    networks.initialize(name, network, np.random.default_rng(0))
    for layer in network.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.running_mean += devices.rank() * torch.arange(len(layer.running_mean))
    parts = [examples(seed, side=28) for seed in (1, 2, 3)]
    course = prepare(Job(network, parse({"start": "initial"}), recipe(), 2, *parts, np.random.default_rng(4)))
    said = {"features": course.features_of(np.arange(20)), "decisions": course.decide()}
    save_file(said, out / f"{devices.rank()}.safetensors")
"""


def trained(
    folder: Path, name: str, processes: int, iter_size: int = 4, program: str = TRAIN
) -> list[dict[str, torch.Tensor]]:
    """The tensors that each of the processes has in the end: the weights, if they train."""
    folder.mkdir()
    (folder / "train.py").write_text(program)
    launcher = ["-m", "torch.distributed.run", f"--nproc-per-node={processes}"] if processes > 1 else []
    command = [sys.executable, *launcher, str(folder / "train.py"), name, str(iter_size), str(folder)]
    done = subprocess.run(command, env=os.environ | {"PYTHONPATH": "."}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [load_file(folder / f"{rank}.safetensors") for rank in range(processes)]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lenet5", "resnet10", "all_cnn"])
def test_two_processes_train_the_network_that_one_does(name: str, tmp_path: Path) -> None:
    (alone,) = trained(tmp_path / "one", name, 1)
    first, second = trained(tmp_path / "two", name, 2)
    for key, tensor in alone.items():
        assert torch.equal(first[key], second[key]), key
        if key.rpartition(".")[2] not in ("running_mean", "running_var", "num_batches_tracked"):
            torch.testing.assert_close(first[key], tensor, rtol=1e-4, atol=1e-7, msg=key)


@pytest.mark.slow
def test_two_processes_get_the_same_answers_from_a_network(tmp_path: Path) -> None:
    first, second = trained(tmp_path / "two", "small_cnn", 2, program=ASK)
    assert torch.equal(first["features"], second["features"])
    assert torch.equal(first["decisions"], second["decisions"])


def test_alone_nothing_is_shared() -> None:
    assert (devices.rank(), devices.size()) == (0, 1)
    assert list(devices.share(3)) == [0, 1, 2]
    layer = torch.nn.BatchNorm1d(2)
    devices.sum_gradients(layer)
    devices.average_statistics(layer)
    assert devices.total(torch.tensor(3)) == 3


def test_batches_that_cannot_be_shared_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "size", lambda: 3)
    monkeypatch.setattr(devices, "rank", lambda: 1)
    assert list(devices.share(6)) == [1, 4]
    with pytest.raises(InputError, match="3 processes cannot share the 16 batches"):
        devices.share(16)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_refused() -> None:
    assert devices.choose("auto") == devices.choose("cpu") == torch.device("cpu")
    with pytest.raises(InputError, match="device: cuda, but torch finds no GPU here"):
        devices.choose("cuda")
