"""One replicate from disk to disk, in several processes as in a run."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from joblib import Parallel, delayed

from imbalance import arrays, networks, weights
from imbalance.datasets import digits
from imbalance.methods import parse
from imbalance.replicate import train_replicate
from imbalance.seeding import generator
from imbalance.subsets import Subset, draw
from stages import PINNED_ARITHMETIC
from tests.test_recipes import recipe


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """scikit-learn's digits, and the initial weights of three replicates."""
    folder = tmp_path_factory.mktemp("data")
    arrays.save(digits(), folder / "raw")
    for replicate in range(3):
        network = networks.build("lenet5", (1, 28, 28), 10)
        networks.caffe_xavier(network, generator(0, replicate, "weights"))
        weights.save(network, folder / "initial", replicate)
    return folder


def subset(data: Path) -> Subset:
    labels = arrays.load(data / "raw").train_labels
    return draw(labels, np.array([100] * 5 + [10] * 5), np.random.default_rng(0))


def train(data: Path, out: Path, replicates: list[int], jobs: int) -> dict[int, bytes]:
    """The bytes of the weights after 20 iterations, by replicate."""
    Parallel(n_jobs=jobs)(
        delayed(train_replicate)(
            replicate,
            subset(data),
            parse({"method": "oversampling", "start": "initial"}),
            recipe(iterations=20),
            budget=1,
            seed=0,
            data=data / "raw",
            start=data / "initial",
            out=out,
        )
        for replicate in replicates
    )
    return {replicate: weights.path(out, replicate).read_bytes() for replicate in replicates}


def test_weights_do_not_depend_on_the_number_of_processes_nor_on_the_order(
    data: Path, tmp_path: Path
) -> None:
    one = train(data, tmp_path / "one", [0, 1, 2], jobs=1)
    two = train(data, tmp_path / "two", [2, 0, 1], jobs=2)
    assert one == two
    assert len(set(one.values())) == 3, "replicates are different networks"


def test_logits_are_those_of_the_written_weights(data: Path, tmp_path: Path) -> None:
    logits, curve = train_replicate(
        0,
        subset(data),
        parse({"method": "baseline", "start": "initial"}),
        recipe(iterations=200),
        budget=0.1,
        seed=0,
        data=data / "raw",
        start=data / "initial",
        out=tmp_path,
    )
    network = networks.build("lenet5", (1, 28, 28), 10)
    weights.load(network, tmp_path, 0)
    images = torch.from_numpy(np.array(arrays.load(data / "raw").test_images))
    torch.testing.assert_close(torch.from_numpy(logits), network(images), rtol=1e-4, atol=1e-4)
    assert curve["iteration"].iloc[-1] == 20


def test_stages_pin_the_arithmetic_before_torch_is_imported() -> None:
    script = (
        "import stages, os, torch; print(torch.backends.cpu.get_cpu_capability(), os.environ['MKL_CBWR'])"
    )
    environment = {name: value for name, value in os.environ.items() if name not in PINNED_ARITHMETIC}
    printed = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    assert printed.stdout.split() == ["AVX2", "COMPATIBLE"]
