"""Replicates with test images of their own, and images that stay together: from the pool to the tables."""

import dataclasses
from itertools import chain, starmap
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from imbalance.data import arrays
from imbalance.data.arrays import Arrays
from imbalance.data.examples import Examples
from imbalance.evaluation.deciding import Deciding
from imbalance.evaluation.predictions import Predictions
from imbalance.evaluation.statistics import CORRECTED
from imbalance.evaluation.tables import of_run
from imbalance.reproducibility.seeding import generator
from imbalance.subsets.splits import draw_test
from imbalance.subsets.subset import Subset, draw
from imbalance.training import outputs
from imbalance.training.plan import Attempt, Plan
from imbalance.training.replicate import train_replicate
from imbalance.training.search import Candidate
from tests.builders.training import plan, train_fleets


@pytest.fixture(scope="module")
def pool(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """300 digits in 60 groups of unequal sizes, of which every replicate tests a quarter."""
    whole, folder = arrays.load(data / "raw"), tmp_path_factory.mktemp("pool")
    images, labels = np.array(whole.train_images[:300]), np.array(whole.train_labels[:300])
    groups = np.sort(np.random.default_rng(0).integers(0, 60, 300)).astype(np.uint32)
    arrays.save(Arrays(images, labels, images, labels, whole.classes, groups, 0.25), folder / "raw")
    (folder / "initial").symlink_to(data / "initial")
    return folder


def replicates(pool: Path) -> list[Subset]:
    dataset = arrays.load(pool / "raw")
    drawn = []
    for number in range(3):
        test = draw_test(dataset, generator(0, number, "split"))
        assert test is not None
        sizes = np.bincount(dataset.train_labels[~test])
        drawn.append(draw(dataset.train_labels, sizes, generator(0, number, "subset"), test))
    return drawn


def short(pool: Path, out: Path) -> Plan:
    return dataclasses.replace(plan(pool, "baseline", iterations=6), out=out)


def test_no_group_is_on_two_sides_of_any_split(pool: Path, tmp_path: Path) -> None:
    dataset, drawn = arrays.load(pool / "raw"), replicates(pool)
    positions = {bytes(image): at for at, image in enumerate(dataset.train_images)}
    tuning = plan(pool, "dynamic_sampling")
    everything = Examples.from_arrays(dataset.test_images, dataset.test_labels)
    tested = set()
    for replicate in tuning.replicates(drawn, tmp_path):
        job = tuning.job(dataset, everything, Attempt(replicate, Candidate(0.01, 0), 0), [])
        parts = [
            [positions[bytes(np.ascontiguousarray(image))] for image in part.tensor.numpy()]
            for part in (job.training, job.validation, job.test)
        ]
        assert len(parts[1]) > 15
        assert sorted(chain(*parts)) == list(range(300)), "each image once"
        sides = [{*dataset.groups[part].tolist()} for part in parts]
        assert sum(map(len, sides)) == len(set.union(*sides)), "three disjoint sets of groups"
        assert parts[2] == np.flatnonzero(replicate.subset.test).tolist()
        tested.add(tuple(parts[2]))
    assert len(tested) == 3, "each replicate tests other images"


@pytest.mark.long
def test_networks_see_their_own_test_images_alone_and_in_fleets(pool: Path, tmp_path: Path) -> None:
    drawn = replicates(pool)
    alone = short(pool, tmp_path / "alone")
    one_by_one = [train_replicate(alone, each) for each in alone.replicates(drawn, tmp_path / "checkpoints")]
    together = train_fleets(short(pool, tmp_path), drawn, 2, tmp_path / "together")
    for subset, found, other in zip(drawn, one_by_one, together, strict=True):
        assert (~np.isnan(found.logits).any(axis=1)).tolist() == subset.test.tolist()
        np.testing.assert_allclose(found.logits, other.logits, rtol=1e-3, atol=1e-3)
        assert found.trials["test_auc"].tolist() == pytest.approx(other.trials["test_auc"].tolist(), abs=1e-2)


def test_tables_are_of_their_own_test_images_and_intervals_cover_their_draw(
    pool: Path, tmp_path: Path
) -> None:
    drawn, same = replicates(pool), short(pool, tmp_path / "models")
    found = [train_replicate(same, each) for each in same.replicates(drawn, tmp_path / "checkpoints")]
    outputs.write(found, "baseline", tmp_path / "baseline")
    dataset = arrays.load(pool / "raw")
    tests = np.stack([subset.test for subset in drawn])
    predictions = Predictions(tmp_path, ("baseline",), (3, 300, 10), tests)
    labels = np.asarray(dataset.test_labels)
    tables = of_run(
        predictions,
        labels,
        dataset.classes,
        drawn,
        Deciding(["argmax"]),
        lambda f, tasks: [*starmap(f, tasks)],
    )
    accuracies = tables["replicates"].query("measure == 'accuracy'")["value"]
    expected = [
        np.mean(each.logits[subset.tested].argmax(axis=1) == labels[subset.tested])
        for each, subset in zip(found, drawn, strict=True)
    ]
    assert accuracies.tolist() == pytest.approx(expected)
    (row,) = tables["summary"].query("measure == 'accuracy'").itertuples()
    share = tests.mean()
    widened = stats.t.ppf(0.975, 2) * np.std(expected, ddof=1) * np.sqrt(1 / 3 + share / (1 - share))
    assert row.high - row.mean == pytest.approx(widened)
    assert row.interval.endswith(CORRECTED)
    assert np.isnan(row.test_error)
