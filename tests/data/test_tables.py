"""Tables on disk: whole, rounded, and read as they were written, or refused in a sentence."""

from pathlib import Path

import pandas as pd
import pytest

from imbalance.data.tables import read, write
from imbalance.errors import InputError

COLUMNS = {"class": "str", "images": "int64", "share": "float64", "minority": "bool"}
TABLE = pd.DataFrame(
    {"class": ["0", "None", "NA"], "images": [3, 2, 1], "share": [0.5, None, 0.25], "minority": True}
)


def test_names_stay_text_and_an_empty_cell_is_a_missing_number(tmp_path: Path) -> None:
    write(TABLE, file := tmp_path / "folder/table.csv")
    found = read(file, COLUMNS)
    pd.testing.assert_frame_equal(found, TABLE, check_dtype=False)
    assert found.dtypes.astype(str).to_dict() == COLUMNS


def test_numbers_have_six_digits(tmp_path: Path) -> None:
    write(pd.DataFrame({"x": [1 / 3, 2e-7, 5.0]}), file := tmp_path / "table.csv")
    assert file.read_bytes() == b"x\n0.333333\n0.0\n5.0\n"


def test_only_the_columns_that_are_asked_for_are_read(tmp_path: Path) -> None:
    write(TABLE, file := tmp_path / "table.csv")
    assert list(read(file, {"images": "int64"})) == ["images"]


@pytest.mark.parametrize("content", [None, "", "class,images\n", "class,images,share,minority\na,b,1,True\n"])
def test_a_table_that_cannot_be_read_is_one_sentence(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "table.csv"
    if content is not None:
        file.write_text(content)
    with pytest.raises(InputError, match=rf"^{file} cannot be read \(.*\); delete it and run `dvc repro`\.$"):
        read(file, COLUMNS)


def test_a_table_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="cannot be written"):
        write(TABLE, tmp_path / "file/table.csv")
