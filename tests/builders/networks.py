"""The names of all networks, as parameters of tests."""

import pytest

from imbalance import catalogue, networks

# On the shared part of these, the tests are quick: tests/networks/parts/test_deep_resnet.py.
VERY_DEEP = {
    "resnet18": pytest.mark.slow,
    "resnet34": pytest.mark.slow,
    "plain34": pytest.mark.slow,
    "resnet50": pytest.mark.slow,
}
NAMES = [name for name in catalogue.names(networks) if name != "torchvision"]  # which is a family
NETWORKS = [pytest.param(name, marks=VERY_DEEP.get(name, ())) for name in NAMES]
every_network = pytest.mark.parametrize("name", NETWORKS)
