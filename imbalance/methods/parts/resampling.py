"""Resampling of a class to a given number of examples, and a number between the extremes."""

import numpy as np
from numpy.typing import NDArray

from imbalance.methods.parts.samplers import Indices


def resampled(members: Indices, wanted: int, rng: np.random.Generator) -> Indices:
    """Return so many of the members (n,): each floor(wanted / n) times, and a random remainder once more.

    The remainder is drawn without replacement; if fewer than n are wanted, there is nothing else.
    """
    copies, remainder = divmod(wanted, len(members))
    return np.concatenate([np.tile(members, copies), rng.choice(members, remainder, replace=False)])


def middle(sizes: NDArray[np.integer]) -> int:
    """Return the geometric mean of the smallest and the largest class size (C,); empty classes do not count.

    >>> middle(np.array([5000, 50, 0]))
    500
    """
    present = sizes[sizes > 0]
    return round(float(np.sqrt(float(present.min()) * float(present.max()))))
