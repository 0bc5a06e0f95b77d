"""Images that a CSV file labels: a row for each, with the columns path, label, and perhaps group and split.

Paths are relative to the folder of the images. Labels are the names of the classes. Images of one group, such
as a patient, are never in both the training and the test set. The words of the split are train and test.
"""

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from imbalance.catalogue import suggestion
from imbalance.datasets import csv_files
from imbalance.datasets.decoding import is_image
from imbalance.datasets.folders import check_classes, files_below, some
from imbalance.datasets.labelled import Labelled, Paths
from imbalance.errors import InputError

NEEDED, OPTIONAL = ("path", "label"), ("group", "split")
SIDES = ("train", "test")
EXPECTED = "the columns path and label, and perhaps group and split (train or test)"


def find(root: Path, labels: str, report: Callable[[str], object]) -> Labelled:
    """Return the images below `root` that the file `labels`, in the same folder, names.

    `report` is called with a line on images that it does not name. Raises `InputError` if it is not as
    described above.
    """
    inside = {path.relative_to(root) for path in files_below(root)}
    file = _within(root, labels)
    if file is None or (file not in inside and (root / file).exists()):
        raise InputError(
            f"image_folder.labels: {labels} is not in {root}, or hidden there, so that DVC would not see its "
            "changes; put the file, or a link to it, into the folder."
        )
    table = csv_files.read(root / file, "image_folder.labels")
    try:
        columns = _columns(table)
        paths = list(_paths(root, inside, table.lines, columns["path"]))
        for name in columns.keys() - {"path"}:
            _refuse_empty(name, columns[name], table.lines)
        parts = _parts(paths, columns, table.lines)
    except ValueError as error:
        raise InputError(f"{root / file}: {str(error).removesuffix('.')}.") from error
    check_classes(parts[0], parts[-1], root / file, EXPECTED)
    if unnamed := sorted(str(path) for path in inside - {*paths, file} if is_image(path.name)):
        report(f"note: left out {len(unnamed)} images that {root / file} does not name: {some(unnamed)}")
    groups = dict(zip(paths, columns["group"], strict=True)) if "group" in columns else {}
    return Labelled(parts, EXPECTED, groups)


def _within(root: Path, path: str) -> Path | None:
    """Return a path relative to `root`, to which it is relative unless absolute; None if it leads out."""
    inside = Path(os.path.relpath(root / path, root))
    return None if ".." in inside.parts else inside


def _columns(table: csv_files.Table) -> dict[str, Sequence[str]]:
    """Return the cells of each column, by its name; raises `ValueError` if one is missing or unknown."""
    for name in table.header:
        if name not in NEEDED + OPTIONAL:
            hint = csv_files.semicolons(table.header).removesuffix(".")
            raise ValueError(f"there is no column '{name}'; {suggestion(name, NEEDED + OPTIONAL)}{hint}")
    if missing := [name for name in NEEDED if name not in table.header]:
        raise ValueError(f"the column '{missing[0]}' is missing; expected are {EXPECTED}")
    return dict(zip(table.header, zip(*table.rows, strict=True), strict=True))


def _paths(root: Path, inside: set[Path], lines: Sequence[int], cells: Sequence[str]) -> Iterator[Path]:
    """Yield the path of each row; raises `ValueError` if it is no file in the folder, or there twice."""
    _refuse_empty("path", cells, lines)
    seen: dict[Path, int] = {}
    missing = []
    for line, cell in zip(lines, cells, strict=True):
        path = _within(root, cell)
        if path is None:
            raise ValueError(f"line {line}: '{cell}' leads out of {root}; name a file in it")
        if path in seen:
            raise ValueError(f"lines {seen[path]} and {line} both name '{cell}'; delete one")
        seen[path] = line
        if path not in inside:
            missing.append(f"{cell} (line {line})")
        yield path
    if missing:
        raise ValueError(
            f"{len(missing)} files are not in {root}, where hidden ones do not count: {some(missing)}; "
            "correct the paths, or delete the lines"
        )


def _refuse_empty(name: str, cells: Sequence[str], lines: Sequence[int]) -> None:
    if "" in cells:
        raise ValueError(f"line {lines[cells.index('')]} has no {name}; fill it in, or delete the line")


def _parts(
    paths: Sequence[Path], columns: Mapping[str, Sequence[str]], lines: Sequence[int]
) -> tuple[Paths, ...]:
    """Return the paths by class: in two parts by the column split, or in one that is still to be split."""
    sides = columns.get("split", [""] * len(paths))
    if wrong := [at for at, side in enumerate(sides) if side not in SIDES and "split" in columns]:
        word = sides[wrong[0]]
        raise ValueError(f"line {lines[wrong[0]]}: there is no split '{word}'; {suggestion(word, SIDES)}")
    parts: dict[str, Paths] = {side: defaultdict(list) for side in (SIDES if "split" in columns else ("",))}
    for path, label, side in sorted(zip(paths, columns["label"], sides, strict=True)):
        parts[side][label].append(path)
    counts = Counter(columns["label"])
    if "split" not in columns and (single := sorted(name for name, count in counts.items() if count == 1)):
        raise ValueError(
            f"a class needs two images, one to train on and one to test, and there is one of {some(single)}"
        )
    return tuple(parts.values())
