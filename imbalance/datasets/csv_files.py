"""CSV files with a header: their rows as text, each with the number of its line."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from imbalance.errors import InputError

Cells = Sequence[str]


class Table(NamedTuple):
    """The rows of a CSV file: the names of its columns, and each row's line in the file and its cells."""

    header: Cells
    lines: Sequence[int]
    rows: Sequence[Cells]


def read(file: Path, parameter: str) -> Table:
    """Read the file that a parameter names; raises `InputError` if it is no table with a header and rows."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            reader = csv.reader(opened, strict=True, skipinitialspace=True)
            found = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader if cells]
    except FileNotFoundError as error:
        raise InputError(f"{parameter}: there is no file {file}; name a CSV file with a header.") from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{file} cannot be read ({error}); save it as CSV in UTF-8.") from error
    if len(found) < 2:
        raise InputError(
            f"{file} has no rows; it needs a line with the names of the columns, and rows below."
        )
    (_, header), *body = found
    if doubled := [name for number, name in enumerate(header) if name in header[:number]]:
        raise InputError(f"{file} has two columns called '{doubled[0]}'; rename or delete one.")
    for line, cells in body:
        if len(cells) != len(header):
            raise InputError(
                f"{file}, line {line}, has {len(cells)} cells, but the header {len(header)}; correct it."
            )
    return Table(header, [line for line, _ in body], [cells for _, cells in body])


def semicolons(header: Cells) -> str:
    """Return a hint if the file's columns seem to be separated by something else than commas."""
    other = len(header) == 1 and next((mark for mark in ";\t|" if mark in header[0]), "")
    return f" Its columns seem to be separated by {other!r}; save it with commas." if other else ""
