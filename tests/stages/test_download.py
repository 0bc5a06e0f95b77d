"""The stage `download`, run as DVC and as a person runs it."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from imbalance.data.arrays import ARRAYS, fingerprint, load
from imbalance.datasets.known import DATASETS
from stages import run
from stages.download import download, is_complete, main

REPOSITORY = Path(__file__).parents[2]
DIGITS = DATASETS["digits"]


def choose(dataset: str, folder: Path) -> None:
    """The repository's parameters in a folder, with this data set."""
    params = (REPOSITORY / "params.yaml").read_text(encoding="utf-8")
    chosen = re.sub(r"(?m)^dataset:.*", f"dataset: {dataset}", params)
    (folder / "params.yaml").write_text(chosen, encoding="utf-8")


def test_the_stage_writes_the_canonical_arrays_and_one_line(tmp_path: Path) -> None:
    choose("digits", tmp_path)
    done = subprocess.run(
        (sys.executable, "-m", "stages.download"),
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY), "PATH": ""},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "digits: 1297 training and 500 test images from scikit-learn\n"
    folder = tmp_path / "data" / "raw" / "digits"
    assert sorted(os.listdir(folder)) == ["classes.txt", *sorted(f"{name}.npy" for name in ARRAYS)]
    assert os.listdir(folder.parent) == ["digits"]
    assert fingerprint(load(folder)) == DIGITS.sha256


def test_what_cannot_be_done_ends_the_stage_with_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    choose("digits", tmp_path)
    (tmp_path / "data").write_text("a file in the way")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match="data/raw/digits cannot be written") as ended:
        run(main)
    assert "\n" not in str(ended.value.code)  # a text: Python prints it on stderr and exits with status 1
    assert capsys.readouterr() == ("", "")
    assert (tmp_path / "data").read_text() == "a file in the way"


def test_a_complete_folder_is_left_as_it_is(tmp_path: Path) -> None:
    download(DIGITS, tmp_path)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "digits").iterdir()}
    assert download(DIGITS, tmp_path) == f"digits: {tmp_path / 'digits'} is complete already, nothing to do"
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "digits").iterdir()} == before


def alter_one_pixel(folder: Path) -> None:
    images = np.load(folder / "test_images.npy", mmap_mode="r+")
    images[-1, 0, 14, 14] ^= 1
    images.flush()


def cut_a_file(folder: Path) -> None:
    os.truncate(folder / "train_images.npy", 1000)


def remove_a_file(folder: Path) -> None:
    (folder / "test_labels.npy").unlink()


def rename_a_class(folder: Path) -> None:
    (folder / "classes.txt").write_text("".join(f"{name}\n" for name in ("zero", *"123456789")))


@pytest.mark.parametrize("damage", [alter_one_pixel, cut_a_file, remove_a_file, rename_a_class])
def test_a_folder_that_is_not_right_is_made_again(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    download(DIGITS, tmp_path)
    damage(tmp_path / "digits")
    assert not is_complete(tmp_path / "digits", DIGITS)
    assert download(DIGITS, tmp_path).endswith("from scikit-learn")
    assert is_complete(tmp_path / "digits", DIGITS)
    assert os.listdir(tmp_path) == ["digits"]


def test_another_data_set_in_the_folder_is_not_taken_for_this_one(tmp_path: Path) -> None:
    download(DIGITS, tmp_path)
    (tmp_path / "digits").rename(tmp_path / "mnist")
    assert not is_complete(tmp_path / "mnist", DATASETS["mnist"])
