"""Every method trains an mlp on rows; its input layer is fitted to the rows of the training alone."""

import numpy as np
import pytest
import torch

from imbalance import catalogue, methods, networks
from imbalance.data.examples import Examples, in_batches
from imbalance.errors import InputError
from imbalance.methods import parse
from imbalance.networks.parts.inputs import Columns
from imbalance.networks.parts.network import Network
from imbalance.networks.parts.stacking import stack
from imbalance.training.jobs import Job
from imbalance.training.loop import train
from tests.builders.training import recipe

COLUMNS = Columns(name="columns")


def rows_of(seed: int, sizes: tuple[int, ...] = (40, 20, 8)) -> Examples:
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(3), sizes)
    rows = rng.normal(size=(len(labels), 4)) * (1, 1000, 0.001, 0) + (0, 5000, 0, 7)
    rows[:, 0] += 3 * labels
    return Examples.from_arrays(rows.astype(np.float32), labels)


def mlp(training: Examples, seed: int = 0) -> Network:
    network = networks.build("mlp", (4,), 3, COLUMNS)
    networks.initialize("mlp", network, np.random.default_rng(seed))
    network.inputs.fit(training.tensor.numpy())
    return network


def test_features_are_standardised_and_a_constant_is_zero() -> None:
    training = rows_of(0)
    found = mlp(training).inputs(training.tensor).double()
    torch.testing.assert_close(found.mean(dim=0), torch.zeros(4).double(), rtol=0, atol=1e-5)
    expected = torch.tensor([1, 1, 1, 0.0]).double()
    torch.testing.assert_close(found.std(dim=0, correction=0), expected, rtol=0, atol=1e-5)
    elsewhere = mlp(training).inputs(torch.full((1, 4), 99.0))
    assert elsewhere[0, 3] == 0


def test_the_layers_of_a_fleet_have_statistics_of_their_own() -> None:
    parts = [rows_of(seed) for seed in range(3)]
    layers = [mlp(part).inputs for part in parts]
    together = stack(layers)(torch.cat([part.tensor for part in parts]))
    alone = torch.cat([layer(part.tensor) for layer, part in zip(layers, parts, strict=True)])
    assert torch.equal(together, alone)


def test_images_are_refused() -> None:
    with pytest.raises(InputError, match="columns standardises tables"):
        networks.build("mlp", (1, 8, 8), 3, COLUMNS)


@pytest.mark.parametrize("name", catalogue.names(methods))
def test_every_method_of_rows(name: str) -> None:
    training, validation, test = rows_of(0), rows_of(1, (8, 8, 8)), rows_of(2)
    network, method = mlp(training), parse({"method": name, "start": "baseline"})
    if method.needs_images:
        pytest.skip("imbalance/config refuses it")
    settings = recipe(batch=10, inputs={"name": "columns"})
    train(Job(network, method, settings, 5, training, validation, test, np.random.default_rng(0)))
    assert in_batches(network, test.inputs).isfinite().all()
