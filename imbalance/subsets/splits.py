"""Repeated splits: every replicate tests a part of the images of its own, and is trained on the rest."""

import numpy as np
from numpy.typing import NDArray

from imbalance.data import groups
from imbalance.data.arrays import Arrays
from imbalance.errors import InputError


def draw_test(dataset: Arrays, rng: np.random.Generator) -> NDArray[np.bool_] | None:
    """Draw which images (N,) a replicate tests, stratified and by groups; None if all share the test set.

    Raises `InputError` if a class has no image on one of the two sides.
    """
    if dataset.test_fraction is None or dataset.groups is None:
        return None
    labels, classes = dataset.train_labels, len(dataset.classes)
    _, test = groups.split(labels, dataset.groups, dataset.test_fraction, rng)
    is_test = np.zeros(len(labels), bool)
    is_test[test] = True
    sizes = (np.bincount(labels[part], minlength=classes) for part in (is_test, ~is_test))
    missing = np.flatnonzero(np.logical_or(*(size == 0 for size in sizes)))
    if len(missing):
        raise InputError(
            f"no split leaves images of class {dataset.classes[missing[0]]!r} both to train and to test on, "
            "as whole groups stay together; make groups smaller (image_folder.group), or add others."
        )
    return is_test
