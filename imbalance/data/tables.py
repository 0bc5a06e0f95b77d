"""Tables as CSV files; every stage reads and writes its tables with the two functions of this module.

Names are read as text even if they look like something else ("0", "None", "NA"); an empty cell is a missing
number.
"""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from imbalance.disk import replacing
from imbalance.errors import InputError

DIGITS = 6  # decimals of every number that is written


def write(table: pd.DataFrame, path: Path) -> None:
    """Write a table atomically, its numbers rounded; raises `InputError` if it cannot be written."""
    with replacing(path) as part:
        table.round(DIGITS).to_csv(part, index=False)


def read(path: Path, columns: Mapping[str, str]) -> pd.DataFrame:
    """Read the given columns of a table, each as the pandas type that `columns` maps it to.

    Raises `InputError` if the file is missing or damaged, or lacks one of the columns.
    """
    try:
        return pd.read_csv(
            path, usecols=list(columns), dtype=dict(columns), keep_default_na=False, na_values=[""]
        )
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read ({error}); delete it and run `dvc repro`.") from error
