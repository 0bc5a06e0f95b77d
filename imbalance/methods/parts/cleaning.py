"""Cleaning: undersampling that chooses, by neighbourhoods, which images of the larger classes are dropped."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imbalance.methods.parts.samplers import Indices, Labels


def larger_classes(labels: Labels) -> Indices:
    """Return the classes with more examples than the smallest, of which there may be several.

    >>> larger_classes(np.repeat([0, 2, 3, 4], [6, 1, 3, 1])).tolist()
    [0, 3]
    """
    sizes = np.bincount(labels)
    return np.flatnonzero(sizes > sizes[sizes > 0].min())


def cleaned_against_smallest(
    rows: NDArray[np.floating],
    labels: Labels,
    sampler_of: Callable[[int, int, int], Any],
    rng: np.random.Generator,
) -> Indices:
    """Return the positions that are left when each larger class is cleaned, against the smallest classes.

    `sampler_of(references, size, smallest)` is a sampler of imbalanced-learn for two classes: 0, which has so
    many reference examples, and 1, the class of this size, which is cleaned. `smallest` is the size of one of
    the smallest classes. The references are the examples (rows) of all of them together, or as many at random
    as leave them a minority. A class that would lose all its examples keeps them.
    """
    larger = larger_classes(labels)
    references = np.flatnonzero(~np.isin(labels, larger))
    kept = [references]
    for label in larger:
        members = np.flatnonzero(labels == label)
        few = rng.choice(references, min(len(references), len(members) - 1), replace=False)
        sampler = sampler_of(len(few), len(members), int(np.bincount(labels[references]).max()))
        both = np.concatenate([few, members])
        sampler.fit_resample(rows[both], labels[both] == label)
        chosen = both[sampler.sample_indices_]
        chosen = chosen[labels[chosen] == label]
        kept.append(chosen if len(chosen) else members)
    return np.sort(np.concatenate(kept))
