import numpy as np
import pytest
import torch

from imbalance.data.examples import Examples
from imbalance.methods.cluster_oversampling import ClusterOversampling
from tests.methods.contract import FILLED, Promise

PROMISES = [
    Promise(dict(start="initial", clusters=1), FILLED),
]


def test_the_clusters_of_a_class_are_alike_and_so_are_the_classes() -> None:
    """Clusters (10, 8, 6) -> (10, 10, 10), and (3, 1), which are two different images, -> (15, 15)."""
    pixels = np.repeat([0, 100, 200, 50, 150], [10, 8, 6, 3, 1])
    pixels[:24] += np.tile([0, 1], 12)  # images of a cluster differ
    examples = Examples.from_arrays(pixels.astype(np.uint8).reshape(-1, 1, 1, 1), np.repeat([0, 1], [24, 4]))
    prepared = ClusterOversampling(start="initial", clusters=3).prepare(examples, np.random.default_rng(0))
    found, sizes = np.unique(prepared.tensor.flatten().numpy() // 2 * 2, return_counts=True)
    assert dict(zip(found.tolist(), sizes.tolist(), strict=True)) == {
        0: 10,
        100: 10,
        200: 10,
        50: 15,
        150: 15,
    }


@pytest.mark.parametrize("sizes", [(9, 1), (9, 2), (9, 3, 1), (1, 1), (7, 0, 5)])
def test_every_image_stays_and_all_classes_get_the_same_total_however_small(sizes: tuple[int, ...]) -> None:
    labels = np.repeat(np.arange(len(sizes)), sizes)
    pixels = np.arange(len(labels), dtype=np.uint8)  # by which images are known again
    examples = Examples.from_arrays(np.tile(pixels[:, None, None, None], (1, 3, 2, 2)), labels)
    prepared = ClusterOversampling(start="initial").prepare(examples, np.random.default_rng(0))
    assert set(prepared.tensor[:, 0, 0, 0].tolist()) == set(range(len(labels)))
    assert prepared.labels.equal(torch.from_numpy(labels)[prepared.tensor[:, 0, 0, 0].long()])
    totals = prepared.labels.bincount()
    assert len(set(totals[totals > 0].tolist())) == 1


def test_copies_of_one_image_are_one_cluster() -> None:
    images = np.repeat(np.array([0, 9], np.uint8), [6, 2]).reshape(-1, 1, 1, 1)
    examples = Examples.from_arrays(images, np.repeat([0, 1], [6, 2]))
    prepared = ClusterOversampling(start="initial").prepare(examples, np.random.default_rng(0))
    assert prepared.labels.bincount().tolist() == [6, 6]


def test_a_total_that_clusters_cannot_share_equally_is_kept() -> None:
    """One cluster of seven images; 7 = 4 + 3."""
    images = np.array([5] * 7 + [1, 9], np.uint8).reshape(-1, 1, 1, 1)
    examples = Examples.from_arrays(images, np.repeat([0, 1], [7, 2]))
    prepared = ClusterOversampling(start="initial").prepare(examples, np.random.default_rng(0))
    assert prepared.labels.bincount().tolist() == [7, 7]
    assert sorted(prepared.tensor.flatten().int().bincount()[[1, 9]].tolist()) == [3, 4]
