import numpy as np
import pytest
import torch

from imbalance.methods.parts.quintuplets import (
    FAR,
    Rows,
    cluster_centers,
    clusters,
    quintuplets,
    triple_header,
)


def directions(*degrees: float) -> Rows:
    """Unit vectors (m, 2) at these angles."""
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_the_triple_header_hinge_by_hand() -> None:
    """The terms are .1 + .1 - .3 < 0, .2 + .3 - .6 < 0, .3 + .6 - .5; and .1 + .3 - .1, .2 + .1 - .6, .4."""
    distances = torch.tensor([[0.1, 0.3, 0.6, 0.5], [0.3, 0.1, 0.6, 0.5], [0.3, 0.1, 0.6, 0.5]])
    several = torch.tensor([True, True, False])
    found = triple_header(distances, (0.1, 0.2, 0.3), several)
    assert found.tolist() == pytest.approx([0.4, 0.3 + 0.4, 0.4])


def test_quintuplets_by_hand() -> None:
    """Class 0 has the clusters 0, 10, 25 and 60, 70 degrees; class 1 has one, of 100 and 200 degrees."""
    rows = directions(0, 10, 25, 60, 70, 100, 200)
    found = quintuplets(rows, np.array([0, 0, 0, 0, 0, 1, 1]), np.array([0, 0, 0, 1, 1, 0, 0]))
    assert found.tolist() == [
        [0, 2, 3, 4, 5],
        [1, 2, 3, 4, 5],
        [2, 0, 3, 4, 5],
        [3, 4, 2, 0, 5],
        [4, 3, 2, 0, 5],
        [5, 6, 6, 6, 4],
        [6, 5, 5, 5, 4],
    ]


def test_an_example_that_is_alone_is_its_own_positive() -> None:
    found = quintuplets(directions(0, 90, 80), np.array([0, 1, 1]), np.array([0, 0, 0]))
    assert found[0].tolist() == [0, 0, 0, 0, 2]


def test_clusters_are_found_within_classes() -> None:
    rows = directions(0, 90, 2, 91, 1, 0)
    labels = np.array([4, 4, 4, 4, 4, 7])
    found = clusters(rows, labels, 3, np.random.default_rng(0))
    assert found[0] == found[2] == found[4] != found[1] == found[3]
    assert found[5] == 0
    assert not clusters(rows, labels, 5, np.random.default_rng(0)).any()


def test_centers_are_the_means_and_missing_ones_are_far_away() -> None:
    rows = np.array([[1, 0], [0, 1], [0.8, 0.6], [-1, 0]], np.float32)
    centers = cluster_centers(rows, np.array([0, 0, 0, 2]), np.array([1, 0, 1, 0]), 3)
    expected = [[[0, 1], [0.9, 0.3]], [[FAR, FAR]] * 2, [[-1, 0], [FAR, FAR]]]
    torch.testing.assert_close(centers, torch.tensor(expected))
