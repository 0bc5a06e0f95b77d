"""The real pipeline, by the real DVC, in a fresh clone: which stages run when what changes."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from imbalance import catalogue, methods
from tests.repository import SMALL, TINY, Dvc, commit, copy_of_working_tree, dvc_in, settings

pytestmark = pytest.mark.long
METHODS = ["baseline", "oversampling", "two_phase_over"]
TRAIN = [f"train@{key}" for key in METHODS]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clone")
    copy_of_working_tree(folder)
    return folder


@pytest.fixture(scope="module")
def dvc(clone: Path) -> Dvc:
    return dvc_in(clone)


def executed(done: subprocess.CompletedProcess[str]) -> list[str]:
    """The stages that a dvc command really ran, sorted; restored and skipped ones are not among them.

    Nor is `code`, which runs whenever code or parameters have changed.
    """
    return sorted(set(re.findall(r"^Running stage '([^']+)'", done.stdout, re.MULTILINE)) - {"code"})


@pytest.fixture(scope="module")
def first(dvc: Dvc) -> subprocess.CompletedProcess[str]:
    """The first whole run, on scikit-learn's digits."""
    return dvc("exp", "run", *settings(*TINY))


def test_a_first_run_executes_every_stage_and_writes_every_output(
    first: subprocess.CompletedProcess[str], clone: Path
) -> None:
    assert executed(first) == sorted(["list", "download", "subset", "initialize", *TRAIN, "evaluate", "plot"])
    assert sorted(path.stem for path in (clone / "metrics").glob("*.json")) == sorted(METHODS)
    comparisons = pd.read_csv(clone / "plots/tables/comparisons.csv")
    assert set(comparisons["method"]) == set(METHODS)
    for key in METHODS:
        assert len(list((clone / "models" / key).iterdir())) == 2
    assert (clone / "plots/figures/auc.png").stat().st_size > 10_000


def test_nothing_to_do_runs_nothing(first: object, dvc: Dvc) -> None:
    done = dvc("repro")
    assert executed(done) == []
    assert "Data and pipelines are up to date." in done.stdout


def test_another_rho_runs_neither_download_nor_initialize_and_going_back_runs_nothing(
    first: object, dvc: Dvc
) -> None:
    assert executed(dvc("exp", "run", *settings("rho=5"))) == sorted(["subset", *TRAIN, "evaluate", "plot"])
    assert executed(dvc("exp", "run", *settings("rho=10"))) == []


def test_a_hyperparameter_runs_its_method_and_those_that_start_from_it(first: object, dvc: Dvc) -> None:
    done = dvc("exp", "run", *settings("methods.oversampling.ratio=5"))
    assert executed(done) == ["evaluate", "plot", "train@oversampling", "train@two_phase_over"]
    assert executed(dvc("exp", "run", *settings("methods.oversampling.ratio=1"))) == []


def test_a_new_method_runs_alone(first: object, dvc: Dvc) -> None:
    added = "+methods.fresh={method: undersampling, start: initial, fresh: true}"
    assert executed(dvc("exp", "run", *settings(added))) == ["evaluate", "plot", "train@fresh"]
    assert "fresh" in dvc("metrics", "diff").stdout
    assert executed(dvc("exp", "run", *settings("~methods.fresh"))) == []


def test_fleets_train_the_same_networks_and_say_what_they_cannot_train(
    first: object, clone: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(clone, copy, ignore=shutil.ignore_patterns(".git", ".dvc"))
    params = yaml.safe_load((copy / "params.yaml").read_text())
    params["fleet"] = 2
    params["methods"]["asking"] = dict(method="dynamic_sampling", start="initial", fused=False)
    (copy / "params.yaml").write_text(yaml.safe_dump(params))

    def trained(key: str) -> tuple[str, np.ndarray]:
        """What the stage says, and its logits."""
        command = [sys.executable, "-m", "stages.train", key]
        one_worker = os.environ | {"LOKY_MAX_CPU_COUNT": "1"}
        done = subprocess.run(command, cwd=copy, env=one_worker, capture_output=True, text=True, check=True)
        return done.stderr, np.load(copy / f"data/predictions/{key}/logits.npy")

    said, together = trained("baseline")
    assert "note:" not in said
    alone = np.load(clone / "data/predictions/baseline/logits.npy")
    assert np.median(np.abs(together - alone)) < 1e-3 * alone.std()
    assert (together.argmax(axis=-1) == alone.argmax(axis=-1)).mean() > 0.99
    assert not np.array_equal(together, alone), "the last digits depend on the fleet"
    said, _ = trained("asking")
    assert "note: asking: each of its networks is trained by itself: the method asks" in said


@pytest.mark.parametrize(
    ("file", "added", "runs"),
    [
        ("methods/two_phase.py", "X = 1\n", ["train@two_phase_over"]),  # to equal results, so nothing follows
        ("figures/run.py", "X = 1\n", ["plot"]),
    ],
)
def test_an_edit_runs_the_stages_whose_code_it_changes(
    file: str, added: str, runs: list[str], first: object, dvc: Dvc, clone: Path
) -> None:
    edited = clone / "imbalance" / file
    original = edited.read_text()
    try:
        edited.write_text(original + added)
        assert executed(dvc("repro")) == runs
    finally:
        edited.write_text(original)
    assert executed(dvc("repro")) == []


def test_dvc_finds_the_stages_that_edits_concern(first: object, dvc: Dvc, clone: Path) -> None:
    """Which these are for every kind of edit: tests/stages/test_code.py."""
    edits = {
        "methods/baseline.py": "# a comment\n",
        "networks/resnet10.py": "X = 1\n",
        "networks/another.py": "X = 1\n",
        "methods/parts/another.py": "X = 1\n",
        "datasets/sources.py": "X = 1\n",
    }
    originals = {clone / "imbalance" / name: b"" for name in edits}
    originals |= {file: file.read_bytes() for file in originals if file.exists()}
    try:
        for (file, original), added in zip(originals.items(), edits.values(), strict=True):
            file.write_bytes(original + added.encode())
        dvc("repro", "code")
        changed = json.loads(dvc("status", "dvc.yaml", "--json").stdout)
    finally:
        for file, original in originals.items():
            if original:
                file.write_bytes(original)
            else:
                file.unlink()
        dvc("repro", "code")
    assert list(changed) == ["download"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("rho=500", "rho = 500 leaves a class empty"),  # found by the stage `subset`, the others by `code`
        pytest.param("+rhoo=5", "no parameter 'rhoo'; did you mean 'rho'?", marks=pytest.mark.slow),
        pytest.param(
            "rho=0.5", "rho = 0.5: input should be greater than or equal to 1", marks=pytest.mark.slow
        ),
        pytest.param(
            "methods.oversampling.ratio=0",
            "methods.oversampling.ratio = 0: input should be greater than or equal to 1",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "+methods.x={method: undersampling, start: initial, frsh: true}",
            "no parameter 'frsh'; did you mean 'fresh'?",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_bad_parameters_end_the_run_before_anything_is_trained(
    change: str, message: str, first: object, dvc: Dvc, clone: Path
) -> None:
    before = (clone / "params.yaml").read_text()
    try:
        done = dvc("exp", "run", *settings(change), fails=True)
    finally:
        (clone / "params.yaml").write_text(before)
    assert message in done.stdout
    assert "Traceback" not in done.stdout
    assert "iterations" not in done.stdout, "networks were trained"
    dvc("checkout", "dvc.yaml")


@pytest.mark.slow
def test_every_method_runs_alone_when_it_is_added(first: object, dvc: Dvc) -> None:
    for name in catalogue.names(methods):
        study = yaml.safe_load(Path("studies/fashion_catalogue/params.yaml").read_text())["methods"]
        start = next((block["start"] for block in study.values() if block["method"] == name), "initial")
        added = f"+methods.added={{method: {name}, start: {start if start in METHODS else 'initial'}}}"
        assert executed(dvc("exp", "run", *settings(added))) == ["evaluate", "plot", "train@added"]
        dvc("exp", "run", *settings("~methods.added"))


@pytest.mark.slow
def test_a_queued_sweep_trains_each_value(first: object, dvc: Dvc) -> None:
    dvc("exp", "run", "--queue", *settings("rho=3,4"))
    dvc("queue", "start")
    deadline = time.monotonic() + 300
    while re.search("Running|Queued", status := dvc("queue", "status").stdout):
        assert time.monotonic() < deadline, status
        time.sleep(2)
    assert status.count("Success") == 2, status
    shown = pd.read_csv(io.StringIO(dvc("exp", "show", "--csv").stdout))
    assert set(shown.loc[shown["State"] == "Success", "rho"]) == {3, 4}


@pytest.mark.slow
def test_another_clone_gets_every_result_from_a_shared_remote(
    first: object, dvc: Dvc, clone: Path, tmp_path: Path
) -> None:
    dvc("exp", "run", *settings(*SMALL))
    dvc("remote", "add", "--default", "shared", str(tmp_path / "remote"))
    commit(clone, "results")
    dvc("push", "--run-cache")
    subprocess.run(["git", "clone", "-q", clone, tmp_path / "other"], check=True)
    other = dvc_in(tmp_path / "other")
    other("pull", "--run-cache")
    assert executed(other("repro")) == []
    assert (tmp_path / "other/models/baseline/001.safetensors").is_file()


@pytest.mark.slow
def test_another_folder_time_zone_locale_and_number_of_workers_give_the_same_lock(
    first: object, dvc: Dvc, clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dvc("exp", "run", *settings(*SMALL))
    elsewhere = tmp_path / "a folder, elsewhere"
    copy_of_working_tree(elsewhere)
    for name, value in {"TZ": "Asia/Kathmandu", "LC_ALL": "C", "HOME": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    dvc_in(elsewhere, workers=2)("exp", "run", *settings(*TINY))
    assert (elsewhere / "dvc.lock").read_bytes() == (clone / "dvc.lock").read_bytes()
