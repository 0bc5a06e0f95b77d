"""Bad values that DVC meets before our code does: README has its words, `make check` says what is wrong.

By the real DVC, a stage each, in a folder that has the pipeline and empty data.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.builders.parameters import changed, refusal

README = Path("README.md").read_text(encoding="utf-8")
FOLDERS = ["data/raw/mnist", "data/subset", "data/predictions", "data/images", "models/initial"]

# What is changed, the stage that is run (or all), DVC's words, and the beginning of ours.
CASES = [
    (
        "methods.x={method: two_phase, start: oversamplin}",
        "train@x",
        "No such file or directory: '{}/models/oversamplin'",
        "methods.x.start: no method 'oversamplin'; did you mean 'oversampling'?",
    ),
    (
        "methods.x={method: basline, start: initial}",
        "train@x",
        "No such file or directory: '{}/imbalance/methods/basline.py'",
        "methods.x: no method 'basline'; did you mean 'baseline'?",
    ),
    (
        "methods.x={method: focal}",
        "train@x",
        "Could not find 'item.start'",
        "methods.x.start is missing; add it.",
    ),
    (
        "methods.x={start: initial}",
        "train@x",
        "Could not find 'item.method'",
        "methods.x: `method` must name a method; choose from: ",
    ),
    (
        "methods.x=focal",
        "train@x",
        "Could not find 'item.start'",
        "methods.x: must be a mapping, like {method:",
    ),
    (
        "methods=null",
        "",
        "expected list/dictionary, got NoneType",
        "methods = null: input should be a mapping, like {name: value}.",
    ),
    (
        "methods.x={method: baseline, start: x}",
        "",
        "Same item(s) are defined as both a dependency and an output in stage: train@x",
        "methods: x <- x start from each other in a circle; ",
    ),
    (
        "methods.initial={method: baseline, start: initial}",
        "",
        "output 'models/initial' is specified in",
        "methods: 'initial' cannot name a method; ",
    ),
    (
        "methods.a@b={method: baseline, start: initial}",
        "",
        "Stage 'train@a@b' not found inside 'dvc.yaml' file",
        "methods: 'a@b' cannot name a method; ",
    ),
    (
        "methods.5={method: baseline, start: initial}",
        "evaluate",
        "'<' not supported between instances of 'int' and 'str'",
        "methods: 5 cannot name a method; ",
    ),
    ("~rho", "subset", "Parameters 'rho' are missing from 'params.yaml'", "rho is missing; add it."),
    (
        "dataset=[mnist]",
        "",
        "Cannot interpolate data of type 'list'",
        "dataset: no dataset ['mnist']; did you mean 'mnist'?",
    ),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dvc")
    for name in FOLDERS:
        (folder / name).mkdir(parents=True)
    for name in ("imbalance", "stages"):
        shutil.copytree(name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy("dvc.yaml", folder)
    (folder / ".dvc").mkdir()
    (folder / ".dvc/config").write_text("[core]\n    no_scm = true\n    analytics = false\n")
    return folder


def repro(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = [sys.executable, "-m", "dvc", "repro", *arguments]
    return subprocess.run(
        command, cwd=folder, env=os.environ | {"PATH": path}, capture_output=True, text=True
    )


@pytest.mark.parametrize(("change", "stage", "words", "ours"), CASES, ids=[case[0][:30] for case in CASES])
def test_dvc_says_what_the_readme_says_and_we_say_what_is_wrong(
    change: str, stage: str, words: str, ours: str, folder: Path, tmp_path: Path
) -> None:
    (folder / "params.yaml").write_text(changed(change))
    done = repro(folder, *(["--single-item", stage] if stage else []))
    assert done.returncode != 0
    assert words.format(folder) in done.stderr
    assert "Running stage" not in done.stdout
    (problem,) = refusal(changed(change), tmp_path)
    assert problem.startswith(ours)
    in_readme = words.format("...").replace("train@a@b", "train@...").replace("train@x", "train@...")
    assert in_readme.replace("oversamplin'", "...'").replace("basline", "...") in README


def test_dvc_takes_no_file_name_that_is_not_utf_8(folder: Path) -> None:
    (folder / "params.yaml").write_text(changed("dataset=image_folder"))
    (file := folder / "data/images" / os.fsdecode(b"\xff.png")).touch()
    try:
        done = repro(folder, "--single-item", "download")
    finally:
        file.unlink()
    assert done.returncode != 0
    assert (words := "'utf-8' codec can't encode character") in done.stderr
    assert words in README
