"""The split of a class into a training and a test part, the same on every machine."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from imbalance.data.groups import held_out
from imbalance.datasets.labelled import Paths


def cut(contents: Sequence[bytes], fraction: float) -> int:
    """Return how many examples of a class, in a random order, are its test part: at least one, never all.

    `contents` tell what each example is, equal ones side by side. These stay together, unless the class has
    no others; so the part is the nearest possible to a `fraction` of the class.
    """
    count = len(contents)
    wanted = min(max(round(fraction * count), 1), count - 1) if count else 0
    cuts = [at for at in range(1, count) if contents[at - 1] != contents[at]] or [wanted]
    return min(cuts, key=lambda at: abs(at - wanted))


def split(paths: Paths, fraction: float, digests: Mapping[Path, bytes]) -> tuple[Paths, Paths]:
    """Split the files of each class into a training and a test part, stratified.

    The test part is a `fraction` of each class: at least one image, and never all. It is chosen by a hash of
    the file names alone, so that the split is the same everywhere, and nearly all images keep their part when
    others are added. Images of a class with the same pixels (by `digests`) stay together, unless it has no
    others.
    """
    train, test = {}, {}
    for name, files in paths.items():
        draws = {path: hashlib.sha256(os.fsencode(path)).digest() for path in files}
        earliest: dict[bytes, bytes] = {}
        for path, draw in draws.items():
            earliest[digests[path]] = min(draw, earliest.get(digests[path], draw))
        drawn = sorted(files, key=lambda path: (earliest[digests[path]], draws[path]))
        kinds = [digests[path] for path in drawn]
        tested = cut(kinds, fraction)
        test[name], train[name] = sorted(drawn[:tested]), sorted(drawn[tested:])
    return train, test


def split_groups(paths: Paths, fraction: float, groups: Mapping[Path, str]) -> tuple[Paths, Paths]:
    """Split the files of all classes into a training and a test part, by whole groups, near a `fraction`.

    The groups are asked in the order of a hash of their names, so that the split is the same everywhere.
    """
    found = [(label, path) for label, files in enumerate(paths.values()) for path in files]
    names = sorted({groups[path] for _, path in found})
    numbers = {name: number for number, name in enumerate(names)}
    draws = [hashlib.sha256(os.fsencode(name)).digest() for name in names]
    is_test = held_out(
        np.array([label for label, _ in found]),
        np.array([numbers[groups[path]] for _, path in found]),
        fraction,
        np.array(sorted(range(len(names)), key=draws.__getitem__)),
    )
    tested = {path for (_, path), held in zip(found, is_test, strict=True) if held}
    train = {name: [path for path in files if path not in tested] for name, files in paths.items()}
    test = {name: [path for path in files if path in tested] for name, files in paths.items()}
    return train, test
