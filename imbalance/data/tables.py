"""Tables as CSV files: every stage writes and reads them by these two functions.

Names stay text when they are read, whatever they are ("0", "None", "NA"); an empty cell is a missing number.
"""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from imbalance.disk import replacing
from imbalance.errors import InputError

DIGITS = 6  # after the point, of every number that is written


def write(table: pd.DataFrame, path: Path) -> None:
    """Write a table whole or not at all, its numbers rounded; an `InputError` where that cannot be."""
    with replacing(path) as part:
        table.round(DIGITS).to_csv(part, index=False)


def read(path: Path, columns: Mapping[str, str]) -> pd.DataFrame:
    """Read the columns of a table, each as the pandas type that `columns` gives it.

    Raises `InputError` where the file is missing or damaged, or lacks one of the columns.
    """
    try:
        return pd.read_csv(
            path, usecols=list(columns), dtype=dict(columns), keep_default_na=False, na_values=[""]
        )
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read ({error}); delete it and run `dvc repro`.") from error
