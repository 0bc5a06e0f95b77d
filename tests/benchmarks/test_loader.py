"""`python -m benchmarks.loader`: made files are like ImageNet's, those of a folder are found, the table counts."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from benchmarks.loader import find, make
from imbalance.errors import InputError


def test_made_files_are_as_large_as_imagenets(tmp_path: Path) -> None:
    make(tmp_path, 2)
    for path in tmp_path.iterdir():
        assert 80_000 < path.stat().st_size < 130_000
        assert Image.open(path).size == (500, 375)
    assert (tmp_path / "0.jpg").read_bytes() != (tmp_path / "1.jpg").read_bytes()


def test_the_jpegs_of_a_folder_are_measured(tmp_path: Path) -> None:
    make(tmp_path, 3)
    (tmp_path / "deep").mkdir()
    (tmp_path / "0.jpg").rename(tmp_path / "deep" / "0.JPEG")
    (tmp_path / "notes.txt").touch()
    assert [find(tmp_path).path(at).name for at in range(3)] == ["1.jpg", "2.jpg", "0.JPEG"]
    command = (
        sys.executable,
        "-m",
        "benchmarks.loader",
        tmp_path,
        "--threads",
        "1",
        "3",
        "--images",
        "9",
        "--rounds",
        "2",
    )
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert re.match(r"3 files, \d+ kB on average\n", done.stdout)
    rows = re.findall(r"^\| (\d) \| (\d+) \| (\d+) to (\d+) \|$", done.stdout, re.MULTILINE)
    assert [row[0] for row in rows] == ["1", "3"]
    for row in rows:
        assert 0 < int(row[2]) <= int(row[1]) <= int(row[3])


def test_a_folder_without_jpegs_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"{tmp_path} has no JPEG files"):
        find(tmp_path)
