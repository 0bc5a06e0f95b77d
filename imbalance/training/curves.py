"""Where on a training's curve it is measured, and on which images."""

import numpy as np
from torch import Tensor, arange

from imbalance.methods.parts.samplers import Indices, Labels

POINTS = 10
IMAGES = 1000  # about so many of the training set, and of the test set


def points(iterations: int) -> set[int]:
    """Return the numbers of iterations after which the curve has a point; the last is one of them."""
    return {round(iterations * point / POINTS) for point in range(1, POINTS + 1)} - {0}


def class_recalls(decided: Tensor, labels: Tensor, classes: int) -> Tensor:
    """Return the recalls (..., C) of decisions and labels (..., N); of a class without any, it is NaN.

    Places with a negative label are left out.
    """
    members = labels[..., None] == arange(classes, device=labels.device)
    recognised = members & (decided == labels)[..., None]
    return recognised.sum(dim=-2) / members.sum(dim=-2)


def some_of_each(labels: Labels, most: int) -> Indices:
    """Return the positions of `most` images of each class, evenly spread; of a smaller class, of all of them.

    >>> some_of_each(np.array([0, 1, 0, 0, 0]), 2).tolist()
    [0, 3, 1]
    """
    chosen = []
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        taken = min(len(members), max(1, most))
        chosen.append(members[np.arange(taken) * len(members) // taken])
    return np.concatenate(chosen)
