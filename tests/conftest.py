"""Tests compute as stages do: the arithmetic is pinned before anything imports torch."""

from functools import cache
from pathlib import Path

import pytest

import stages  # noqa: F401
from imbalance import catalogue, networks, weights
from imbalance.data import arrays
from imbalance.datasets.known import digits
from imbalance.reproducibility.seeding import generator

catalogue.names = cache(catalogue.names)  # the parameters of each test ask for it several times


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """scikit-learn's digits, and the initial weights of three replicates."""
    folder = tmp_path_factory.mktemp("data")
    arrays.save(digits(), folder / "raw")
    for replicate in range(3):
        network = networks.build("lenet5", (1, 28, 28), 10)
        networks.initialize("lenet5", network, generator(0, replicate, "weights"))
        weights.save(network, folder / "initial", replicate, {})
    return folder
