"""What the papers report of the networks as they are, at the full schedule."""

from pathlib import Path

import numpy as np
import pytest

from imbalance.config import load_params
from imbalance.data import arrays
from imbalance.data.examples import Examples, in_batches
from imbalance.datasets.known import DATASETS
from imbalance.methods.baseline import Baseline
from imbalance.networks import build, initialize
from imbalance.reproducibility.seeding import generator
from imbalance.training.jobs import Job
from imbalance.training.loop import train
from stages.download import download


@pytest.mark.slow
@pytest.mark.network
def test_lenet5_errs_on_less_than_one_percent_of_mnist(tmp_path: Path) -> None:
    """Buda et al. 2018, §3.3.1: all of the original training set, 10 000 iterations."""
    kept = Path("data/raw/mnist")
    if not kept.is_dir():
        download(DATASETS["mnist"], tmp_path)
        kept = tmp_path / "mnist"
    mnist = arrays.load(kept)
    recipe = load_params().recipes["mnist"]["lenet5"]
    network = build("lenet5", (1, 28, 28), 10)
    initialize("lenet5", network, generator(0, 0, "weights"))
    training = Examples.from_arrays(mnist.train_images, mnist.train_labels)
    test = Examples.from_arrays(mnist.test_images, mnist.test_labels)
    nobody, rng = training.at(slice(0, 0)), generator(0, 0, "batches")
    train(
        Job(
            network,
            Baseline(start="initial"),
            recipe,
            recipe.iterations_within(1, len(training.labels)),
            training,
            nobody,
            test,
            rng,
        )
    )
    decided = in_batches(network, test.inputs).argmax(dim=1)
    assert np.mean(decided.numpy() != test.labels.numpy()) < 0.01
