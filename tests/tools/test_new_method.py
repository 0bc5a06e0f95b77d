"""A new method as a newcomer starts it: in a copy of the repository, its own contract suite passes at once."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from imbalance.errors import InputError
from tools.new_method import write


@pytest.mark.long
def test_a_new_method_passes_the_contract_suite(tmp_path: Path) -> None:
    for folder in ("imbalance", "tests", "stages"):
        shutil.copytree(folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("params.yaml", "pyproject.toml"):
        shutil.copy(file, tmp_path)
    before = (tmp_path / "params.yaml").read_text()
    write("my_loss", tmp_path)
    assert (tmp_path / "params.yaml").read_text() == before + "  my_loss: {method: my_loss, start: initial}\n"
    for check in (["check"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *check, "--no-cache"]
        files = ["imbalance/methods/my_loss.py", "tests/methods/test_my_loss.py"]
        found = subprocess.run([*ruff, *files], cwd=tmp_path, capture_output=True, text=True)
        assert found.returncode == 0, found.stdout
    suite = [sys.executable, "-m", "pytest", "-q", "tests/methods", "-k", "my_loss", "-p", "no:cacheprovider"]
    run = subprocess.run(suite, cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout
    assert "deselected" in run.stdout
    load = "from imbalance.config import load_params; print(load_params().methods['my_loss'])"
    loaded = subprocess.run([sys.executable, "-c", load], cwd=tmp_path, capture_output=True, text=True)
    assert "power=1" in loaded.stdout, loaded.stderr


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("focal", "there is a method focal already; edit imbalance/methods/focal.py."),
        ("My Loss", "NAME='My Loss' cannot name a method"),
        ("", "NAME='' cannot name a method"),
        ("a" * 101, "cannot name a method"),
        ("parts", "imbalance/methods/parts/ is a folder, which would hide it; take another name."),
        ("lambda", "NAME=lambda: a word of Python cannot name a file to import; take another name."),
        ("none", "NAME=none: a word of Python"),  # as the class None
        ("initial", "NAME=initial means something else in params.yaml; take another name."),
        ("null", "NAME=null means something else"),
        ("size", "NAME=size means something else"),
        ("two_phase_over", "has methods.two_phase_over already, of another file; take another name."),
    ],
)
def test_bad_names_are_refused_and_nothing_is_written(name: str, message: str, tmp_path: Path) -> None:
    shutil.copy("params.yaml", tmp_path)
    with pytest.raises(InputError, match=re.escape(message)):
        write(name, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["params.yaml"]
    assert (tmp_path / "params.yaml").read_bytes() == Path("params.yaml").read_bytes()
