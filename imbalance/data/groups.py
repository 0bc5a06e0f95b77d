"""Groups of examples that a split must not divide, such as the images of one patient.

scikit-learn's group splits either do not stratify, or have folds of equal size, and none of them promises an
example of every class on both sides.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array

Groups = NDArray[np.unsignedinteger]


def split(
    labels: NDArray[np.integer], groups: Groups, fraction: float, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the positions of a stratified split into a larger part and a `fraction` that is held out.

    `labels` and `groups` are (n,). Fraction 0 holds out none.
    """
    _, numbers = np.unique(groups, return_inverse=True)
    order = rng.permutation(numbers.max(initial=-1) + 1)
    is_held_out = held_out(labels, numbers, fraction, order) if fraction else np.zeros(len(labels), bool)
    return np.flatnonzero(~is_held_out), np.flatnonzero(is_held_out)


def held_out(
    labels: NDArray[np.integer], groups: NDArray[np.integer], fraction: float, order: NDArray[np.integer]
) -> NDArray[np.bool_]:
    """Return which examples (n,) are held out: whole groups, near a `fraction` of each class.

    `groups` (n,) are numbers from 0 to G - 1, and `order` (G,) is a random order of them. In this order,
    class by class and the rarest first, a group is held out if this brings the classes of its examples nearer
    to their fractions. No class is held out as a whole; one that has examples in several groups has some held
    out, unless every one of these groups is the last of another class. If every example is a group of its
    own, round(fraction * n_c) examples of class c are held out, at least one and never all.
    """
    ones = np.ones(len(labels), np.int64)
    counts = coo_array((ones, (groups, labels)), shape=(len(order), int(labels.max(initial=0)) + 1)).tocsr()
    totals = np.asarray(counts.sum(axis=0)).ravel()
    wanted = np.clip(np.rint(fraction * totals), 1, np.maximum(totals - 1, 1))
    have, chosen = np.zeros_like(totals), np.zeros(len(order), bool)

    def change(group: int) -> float:
        """Return by how much a group takes the classes from their fractions; negative if nearer to them."""
        own, sizes = _row(counts, group)
        if (have[own] + sizes >= totals[own]).any():
            return np.inf  # it would leave nothing to train on
        gaps = abs(have[own] + sizes - wanted[own]) - abs(have[own] - wanted[own])
        return float((gaps / wanted[own]).sum())

    def take(group: int) -> None:
        own, sizes = _row(counts, group)
        have[own] += sizes
        chosen[group] = True

    by_class = counts.tocsc()
    rank = np.argsort(order)
    for label in np.argsort(totals, kind="stable"):
        members = by_class.indices[by_class.indptr[label] : by_class.indptr[label + 1]]
        candidates = members[np.argsort(rank[members])]
        for group in candidates:
            if have[label] >= wanted[label]:
                break
            if not chosen[group] and change(group) < 0:
                take(group)
        if len(candidates) and not have[label]:
            best = min(candidates, key=change)
            if change(best) < np.inf:
                take(best)
    return chosen[groups]


def _row(counts: Any, group: int) -> tuple[NDArray[np.integer], NDArray[np.int64]]:
    """Return the labels of a group's examples, and how many it has of each."""
    part = slice(counts.indptr[group], counts.indptr[group + 1])
    return counts.indices[part], counts.data[part]
