"""The user's own table as canonical arrays: a CSV file with a header, a column of classes, and features.

A column of numbers is one feature. A column of text has a feature for each of its values, in sorted order: 1
in the rows with this value, otherwise 0 (one-hot). An empty cell is a value like any other in a column of
text, and is refused in a column of numbers, since no number could stand for it without a choice.

Columns of numbers are standardised by the training part: methods that look for the nearest rows, such as
SMOTE, would see only the column with the largest numbers otherwise. The network does not depend on it, as its
input layer standardises all features by the rows that it is trained on.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imbalance.catalogue import suggestion
from imbalance.data.arrays import Arrays, Labels, label_dtype
from imbalance.datasets import csv_files
from imbalance.datasets.csv_files import Cells
from imbalance.datasets.folders import some
from imbalance.datasets.splitting import cut
from imbalance.errors import InputError

MOST_VALUES = 100  # of a column of text; more look like names or numbers of the rows
LARGEST = 1e30  # of the numbers, so that float32 holds them, their differences and inverses


def read(
    file: Path, label: str, categorical: Sequence[str], drop: Sequence[str], test_fraction: float
) -> Arrays:
    """Read a table, float32 (N, D), in the order of the file; the classes are the sorted values of `label`.

    Columns in `categorical` are text even if they look like numbers; those in `drop` are left out. The test
    part is a fraction of each class, chosen by a hash of the rows' contents: so it does not depend on their
    order, and equal rows stay together. Raises `InputError` if the file is no such table.
    """
    header, lines, rows = csv_files.read(file, "csv.file")
    for name in (label, *categorical, *drop):
        if name not in header:
            raise InputError(
                f"{file} has no column '{name}'; {suggestion(name, header)}{csv_files.semicolons(header)}"
            )
    used = [name for name in header if name != label and name not in drop]
    if label in drop or not used:
        raise InputError(
            f"{file}: csv.drop leaves no label or no features; keep the label and a column more."
        )
    columns = dict(zip(header, zip(*rows, strict=True), strict=True))
    try:
        labels, classes = _labels(columns[label], lines)
        features = [
            feature for name in used for feature in _features(name, columns[name], lines, name in categorical)
        ]
    except ValueError as error:
        raise InputError(f"{file}: {error}.") from error
    table = np.stack(features, axis=1)
    contents = ["\0".join(cells).encode() for cells in zip(*(columns[name] for name in used), strict=True)]
    is_test = _split(contents, labels, test_fraction)
    table = _standardised(table, ~is_test).astype(np.float32)
    return Arrays(table[~is_test], labels[~is_test], table[is_test], labels[is_test], classes)


def _labels(cells: Cells, lines: Sequence[int]) -> tuple[Labels, tuple[str, ...]]:
    """Return the rows' labels (N,) and the names of the classes; whole numbers are sorted as such."""
    if "" in cells:
        raise ValueError(f"line {lines[cells.index('')]} has no label; fill it in, or delete the line")
    names = sorted(set(cells))
    if all(re.fullmatch("-?[0-9]{1,18}", name) for name in names):
        names.sort(key=int)
    if len(names) < 2:
        raise ValueError(f"all rows have the label '{names[0]}'; two classes or more are needed")
    positions = {name: number for number, name in enumerate(names)}
    labels = np.array([positions[cell] for cell in cells])
    sizes = np.bincount(labels)
    if single := [name for name, size in zip(names, sizes, strict=True) if size < 2]:
        raise ValueError(
            f"a class needs two rows, one to train on and one to test, and there is one of {some(single)}"
        )
    if unnamed := [name for name in names if not name.isprintable()]:
        raise ValueError(f"{unnamed[0]!r} cannot name a class; leave out what cannot be printed")
    return labels.astype(label_dtype(len(names))), tuple(names)


def _features(name: str, cells: Cells, lines: Sequence[int], is_text: bool) -> Iterator[np.ndarray]:
    """Yield the features (N,) of a column: itself if it holds numbers, or one for each of its values."""
    numbers = [None if is_text else _number(cell) for cell in cells]
    if None not in numbers:
        feature = np.array(numbers, np.float64)
        if (wrong := ~(abs(feature) <= LARGEST)).any():
            at = int(wrong.argmax())
            raise ValueError(
                f"line {lines[at]}, column '{name}': {cells[at]} is no number of at most {LARGEST:g}; "
                "correct it, or delete the line"
            )
        yield feature
        return
    if any(number is not None for number in numbers):
        at = numbers.index(None)
        problem = f"'{cells[at]}' is no number" if cells[at] else "the cell is empty"
        raise ValueError(
            f"line {lines[at]}, column '{name}': {problem}, and the column has numbers; fill it in, "
            "delete the line, or list the column under csv.categorical (its values are names) or csv.drop"
        )
    values = sorted(set(cells))
    if len(values) > MOST_VALUES:
        raise ValueError(
            f"column '{name}' has {len(values)} different texts, and {MOST_VALUES} at most are told apart; "
            "list it under csv.drop"
        )
    for value in values:
        yield np.array([cell == value for cell in cells], np.float64)


def _standardised(table: NDArray[np.float64], is_training: NDArray[np.bool]) -> NDArray[np.float64]:
    """Return the table (N, D) with features of numbers that have mean 0 and deviation 1 in the training rows.

    Features that are only 0 and 1 stay, as do those that are constant.
    """
    mean, spread = table[is_training].mean(axis=0), table[is_training].std(axis=0)
    varies = table[is_training].min(axis=0) < table[is_training].max(axis=0)
    is_number = ~np.isin(table, (0, 1)).all(axis=0) & varies
    return np.where(is_number, (table - mean) / np.where(is_number, spread, 1), table)


def _number(cell: str) -> float | None:
    """Return the number in a cell, or None if there is none; Python takes 1_2 for 12, but it is a name."""
    try:
        return None if "_" in cell else float(cell)
    except ValueError:
        return None


def _split(contents: Sequence[bytes], labels: Labels, fraction: float) -> np.ndarray:
    """Return which rows (N,) are the test part of their class."""
    draws = [hashlib.sha256(each).digest() for each in contents]
    is_test = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        members = sorted(np.flatnonzero(labels == label).tolist(), key=lambda row: draws[row])
        is_test[members[: cut([draws[row] for row in members], fraction)]] = True
    return is_test
