"""Bad values that DVC meets before our code does: README has its words, `make check` says what is wrong.

By the real DVC, in a folder that has the pipeline and no data. All others are refused by the stage `code`, which
runs first, before DVC touches an output.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.builders.parameters import changed, refusal

README = Path("README.md").read_text(encoding="utf-8")

# What is changed, DVC's words, and the beginning of ours.
DVC_FIRST = [
    (
        "methods.x={method: focal}",
        "Could not find 'item.start'",
        "methods.x.start is missing; add it.",
    ),
    (
        "methods.x=focal",
        "Could not find 'item.start'",
        "methods.x: must be a mapping, like {method:",
    ),
    (
        "methods=null",
        "expected list/dictionary, got NoneType",
        "methods = null: input should be a mapping, like {name: value}.",
    ),
    (
        "methods.x={method: baseline, start: x}",
        "Same item(s) are defined as both a dependency and an output in stage: train@x",
        "methods: x <- x start from each other in a circle; ",
    ),
    (
        "methods.initial={method: baseline, start: initial}",
        "output 'models/initial' is specified in",
        "methods: 'initial' cannot name a method; ",
    ),
    (
        "methods.a@b={method: baseline, start: initial}",
        "Stage 'train@a@b' not found inside 'dvc.yaml' file",
        "methods: 'a@b' cannot name a method; ",
    ),
    (
        "dataset=[mnist]",
        "Cannot interpolate data of type 'list'",
        "dataset: no dataset ['mnist']; did you mean 'mnist'?",
    ),
]
# What is changed, and the beginning of what the stage `code` says (config/test_sentences.py has all of these).
WE_FIRST = [
    ("methods.5={method: baseline, start: initial}", "methods: 5 cannot name a method; "),
    ("dataset=../../precious", "dataset: no dataset '../../precious'; choose from: "),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dvc") / "a/b"
    (folder / "data/images").mkdir(parents=True)
    for name in ("imbalance", "stages"):
        shutil.copytree(name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy("dvc.yaml", folder)
    (folder / ".dvc").mkdir()
    (folder / ".dvc/config").write_text("[core]\n    no_scm = true\n    analytics = false\n")
    (folder / "../precious").mkdir()
    return folder


def repro(change: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """What `dvc repro` says of the parameters with a change."""
    (folder / "params.yaml").write_text(changed(change))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [sys.executable, "-m", "dvc", "repro"],
        cwd=folder,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    return done


@pytest.mark.parametrize(("change", "words", "ours"), DVC_FIRST, ids=[case[0][:30] for case in DVC_FIRST])
def test_dvc_says_what_the_readme_says_and_we_say_what_is_wrong(
    change: str, words: str, ours: str, folder: Path, tmp_path: Path
) -> None:
    done = repro(change, folder)
    assert words in done.stderr
    assert "Running stage" not in done.stdout
    (problem,) = refusal(changed(change), tmp_path)
    assert problem.startswith(ours)
    assert words.replace("train@a@b", "train@...").replace("train@x", "train@...") in README


@pytest.mark.parametrize(("change", "ours"), WE_FIRST, ids=[case[0][:30] for case in WE_FIRST])
def test_all_others_are_refused_by_the_first_stage(change: str, ours: str, folder: Path) -> None:
    done = repro(change, folder)
    assert f"  - {ours}" in done.stdout + done.stderr
    assert done.stdout.count("Running stage") == 1
    assert (folder / "../precious").is_dir(), "DVC deletes the outputs of a stage before it runs"
