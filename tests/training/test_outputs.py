"""What trainings write besides the weights; of two classes, also what the networks say of held-out images."""

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from imbalance import networks, weights
from imbalance.data import arrays
from imbalance.data.arrays import Arrays
from imbalance.data.examples import split
from imbalance.datasets.known import digits
from imbalance.evaluation.predictions import Predictions
from imbalance.methods import parse
from imbalance.reproducibility.seeding import generator
from imbalance.subsets.subset import Subset, draw
from imbalance.training import outputs
from imbalance.training.plan import Plan
from tests.builders.training import plan, subset, train_fleets, train_once


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The digits 0 and 1 alone, and the initial weights of two replicates."""
    folder, whole = tmp_path_factory.mktemp("two"), digits()
    train, test = whole.train_labels < 2, whole.test_labels < 2
    pair = Arrays(
        np.asarray(whole.train_images)[train],
        whole.train_labels[train],
        np.asarray(whole.test_images)[test],
        whole.test_labels[test],
        ("0", "1"),
    )
    arrays.save(pair, folder / "raw")
    for replicate in range(2):
        network = networks.build("lenet5", (1, 28, 28), 2)
        networks.initialize("lenet5", network, generator(0, replicate, "weights"))
        weights.save(network, folder / "initial", replicate, {})
    return folder


def holding_out(data: Path, fraction: float) -> Plan:
    method = parse({"method": "baseline", "start": "initial", "validation": fraction})
    return dataclasses.replace(plan(data, "baseline", iterations=5), method=method)


def of_pair(data: Path) -> Subset:
    return draw(arrays.load(data / "raw").train_labels, np.array([60, 20]), np.random.default_rng(0))


def test_of_two_classes_the_held_out_images_are_predicted(two: Path, tmp_path: Path) -> None:
    chosen = of_pair(two)
    found = train_once(holding_out(two, 0.2), chosen, tmp_path).validation
    assert found is not None
    dataset = arrays.load(two / "raw")
    labels = dataset.train_labels[chosen.indices]
    _, held_out = split(labels, 0.2, generator(0, 0, "validation"))
    assert found["label"].tolist() == labels[held_out].tolist()
    assert found["label"].tolist().count(1) == 4
    images = torch.from_numpy(np.asarray(dataset.train_images)[chosen.indices[held_out]])
    logits = weights.read(weights.path(tmp_path, 0))(images).detach()
    np.testing.assert_allclose(found[["logit_0", "logit_1"]], logits, rtol=1e-4, atol=1e-4)


def test_evaluation_reads_what_trainings_write(two: Path, tmp_path: Path) -> None:
    trained = train_fleets(holding_out(two, 0.2), [of_pair(two)] * 2, fleet=2, out=tmp_path)
    outputs.write(trained, "baseline", tmp_path / "baseline")
    read = Predictions(tmp_path, ("baseline",), (2, 1, 2)).held_out()
    assert read["replicate"].tolist() == [0] * 16 + [1] * 16
    for number, each in enumerate(trained):
        own = read[read["replicate"] == number].reset_index(drop=True)
        pd.testing.assert_frame_equal(own[["label", "logit_0", "logit_1"]], each.validation, atol=1e-6)


def test_nothing_is_written_of_more_classes_or_where_nothing_is_held_out(
    two: Path, data: Path, tmp_path: Path
) -> None:
    for source, fraction, chosen in ((two, 0.0, of_pair(two)), (data, 0.2, subset(data))):
        found = train_once(holding_out(source, fraction), chosen, tmp_path / source.name)
        assert found.validation is None
        outputs.write([found], "baseline", tmp_path / source.name / "baseline")
        written = {file.name for file in (tmp_path / source.name / "baseline").iterdir()}
        assert written == {"logits.npy", "convergence.csv", "learning.csv", "trials.csv", "weights.csv"}
        assert Predictions(tmp_path / source.name, ("baseline",), (1, 1, 2)).held_out().empty
