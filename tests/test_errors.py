"""A file is replaced as a whole or not at all, whatever stands in the way."""

import os
from pathlib import Path

import numpy as np
import pytest

from imbalance.disk import refuse_too_large, replacing
from imbalance.errors import InputError
from stages import run
from tests.builders.data import largest_file


def test_a_file_gets_its_name_when_it_is_whole_and_its_folder_if_need_be(tmp_path: Path) -> None:
    path = tmp_path / "new" / "x.csv"
    with replacing(path) as part:
        part.write_text("half")
        assert not path.exists()
        assert (part.parent, part.suffix) == (path.parent, ".csv")  # what is written depends on the suffix
        part.write_text("whole")
    assert path.read_text() == "whole"
    assert os.listdir(path.parent) == ["x.csv"]


def test_an_old_file_is_replaced_and_one_linked_to_it_stays(tmp_path: Path) -> None:
    (tmp_path / "cached").write_text("old")  # as DVC links its cache into the workspace
    (tmp_path / "hard").hardlink_to(tmp_path / "cached")
    (tmp_path / "soft").symlink_to(tmp_path / "cached")
    for name in ("hard", "soft"):
        with replacing(tmp_path / name) as part:
            part.write_text("new")
        assert (tmp_path / name).read_text() == "new"
    assert (tmp_path / "cached").read_text() == "old"


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("old")
    with largest_file(10), pytest.raises(InputError) as error, replacing(path) as part:
        part.write_text("longer than ten")
    assert str(error.value).startswith(f"{path} cannot be written (")
    assert str(error.value).endswith("); make room or give permission.")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["x.csv"]


@pytest.mark.parametrize("error", [KeyError, KeyboardInterrupt])
def test_any_other_error_is_passed_on_and_the_old_file_stays(
    tmp_path: Path, error: type[BaseException]
) -> None:
    path = tmp_path / "x.csv"
    path.write_text("old")

    def interrupted() -> None:
        with replacing(path) as part:
            part.write_text("half")
            raise error

    with pytest.raises(error):
        interrupted()
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["x.csv"]


def test_what_is_in_the_way_is_left_and_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    (tmp_path / "folder" / "x").mkdir(parents=True)
    for path in (tmp_path / "file" / "x.csv", tmp_path / "folder"):
        with pytest.raises(InputError, match=f"^{path} cannot be written"), replacing(path) as part:
            part.write_text("new")
    assert sorted(os.listdir(tmp_path)) == ["file", "folder"]
    assert (tmp_path / "file").read_text() == "old"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    denied = r"x\.csv cannot be written .*Permission denied"
    with pytest.raises(InputError, match=denied), replacing(tmp_path / "x.csv") as part:
        part.write_text("new")
    tmp_path.chmod(0o755)
    assert os.listdir(tmp_path) == []


def test_what_does_not_fit_on_the_disk_is_refused_before_it_is_written(tmp_path: Path) -> None:
    refuse_too_large(1, folder := tmp_path / "models" / "initial", "one byte")
    sentence = r"^the weights would take 1000000000\.0 GB in .*models/initial, and the disk has [0-9.]+ GB left; lower"
    with pytest.raises(InputError, match=sentence):
        refuse_too_large(10**18, folder, "the weights")
    assert list(tmp_path.iterdir()) == []


def test_a_stage_without_memory_ends_with_a_sentence() -> None:
    with pytest.raises(
        SystemExit, match=r"^error: too little memory .*allocate.*; lower what takes it, such as"
    ):
        run(lambda: np.empty(2**50))
