"""Studies, by the real DVC, in a fresh clone: which cells are trained when what changes."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
import yaml

from imbalance.config import load_study
from stages import pipeline
from tests.repository import Dvc, commit, copy_of_working_tree, dvc_in

pytestmark = pytest.mark.long

FIRST, SECOND = "studies/first/dvc.yaml", "studies/second/dvc.yaml"
GRID = {
    "dataset": "digits",
    "rho": [2, 10],
    "mu": [0.5],
    "n_max": 100,
    "replicates": 2,
    "budget": 0.05,
    "study": {"beside": {"balanced": {"conditions": ["rho=1,mu=0.5"], "methods": ["baseline"]}}},
}
METHODS = ("baseline", "oversampling", "two_phase_over")


def write_study(folder: Path, **changes: object) -> None:
    """A study of three methods on digits, with its pipeline."""
    params = yaml.safe_load(Path("studies/mnist_step/params.yaml").read_text()) | GRID | changes
    params["methods"] = {key: params["methods"][key] for key in METHODS}
    folder.mkdir(parents=True)
    (folder / "params.yaml").write_text(yaml.safe_dump(params))
    (folder / "dvc.yaml").write_text(pipeline.text(load_study(folder / "params.yaml")))


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("studies")
    copy_of_working_tree(folder)
    write_study(folder / "studies/first")
    write_study(folder / "studies/second", rho=[10, 20])
    commit(folder, "two studies")
    return folder


@pytest.fixture(scope="module")
def dvc(clone: Path) -> Dvc:
    return dvc_in(clone)


def cells(done: subprocess.CompletedProcess[str], word: str = "Running stage") -> list[str]:
    """The stages that really ran, or of which DVC says another word, but those that are run for all."""
    found = re.findall(rf"^{word} '[^']+:([^']+)'", done.stdout, re.MULTILINE)
    return sorted(set(found) - {"code", "download", "subset", "initialize", "collect", "draw"})


def of_ratio(rho: float) -> list[str]:
    """All stages of a ratio of the grid."""
    trained = [f"train@{rho:g}-0.5-{key}" for key in METHODS[:2]]
    return sorted([*trained, f"train_from_oversampling@{rho:g}-0.5-two_phase_over", f"evaluate@{rho:g}-0.5"])


def of_network(network: str) -> list[str]:
    """All stages of a network in a grid of networks and the ratio 10."""
    return sorted(stage.replace("@10", f"@{network}-10") for stage in of_ratio(10))


@pytest.fixture(scope="module")
def first(dvc: Dvc) -> subprocess.CompletedProcess[str]:
    return dvc("repro", FIRST)


def test_a_first_run_trains_every_cell_and_writes_tables_and_figures(
    first: subprocess.CompletedProcess[str], clone: Path
) -> None:
    balanced = ["train_balanced@rho=1,mu=0.5-baseline", "evaluate_balanced@rho=1,mu=0.5"]
    assert cells(first) == sorted([*of_ratio(2), *of_ratio(10), *balanced])
    study = clone / "studies/first"
    measures = pd.read_csv(study / "plots/study/measures.csv")
    assert list(measures) == ["rho", "mu", "method", "replicate", "rule", "measure", "value"]
    assert set(zip(measures["rho"], measures["method"], strict=True)) == {
        *((rho, key) for rho in (2, 10) for key in METHODS),
        (1, "baseline"),
    }
    drawn = {file.stem for file in (study / "plots/figures").iterdir()}
    assert {"auc_over_rho", "accuracy_over_rho", "convergence", "minority_gap"} <= drawn
    assert drawn == {file.stem for file in (study / "plots/svg").iterdir()}
    assert {file.stem for file in (study / "plots/study").glob("*.tex")} < drawn


def test_nothing_runs_twice(first: subprocess.CompletedProcess[str], dvc: Dvc) -> None:
    again = dvc("repro", FIRST)
    assert "Running stage" not in again.stdout
    assert "Data and pipelines are up to date." in again.stdout


def test_a_cell_that_another_study_has_trained_is_not_trained_again(
    first: subprocess.CompletedProcess[str], dvc: Dvc
) -> None:
    done = dvc("repro", SECOND)
    trained = [stage for stage in cells(done) if stage.startswith("train")]
    assert trained == [stage for stage in of_ratio(20) if stage.startswith("train")]
    restored = re.findall(r"^Stage '[^']+:(train[^']+)' is cached - skipping run", done.stdout, re.MULTILINE)
    assert sorted(restored) == sorted(
        [
            "train_balanced@rho=1,mu=0.5-baseline",
            *(stage for stage in of_ratio(10) if stage.startswith("train")),
        ]
    )


def test_a_further_ratio_trains_its_own_cells(
    first: subprocess.CompletedProcess[str], dvc: Dvc, clone: Path
) -> None:
    done = dvc("exp", "run", FIRST, "-S", "studies/first/params.yaml:rho=[2,5,10]")
    assert cells(done) == of_ratio(5)
    assert set(pd.read_csv(clone / "studies/first/plots/study/summary.csv")["rho"]) == {1, 2, 5, 10}
    back = dvc("exp", "run", FIRST, "-S", "studies/first/params.yaml:rho=[2,10]")
    assert [stage for stage in cells(back) if stage.startswith("train")] == []
    assert set(pd.read_csv(clone / "studies/first/plots/study/summary.csv")["rho"]) == {1, 2, 10}


def test_a_further_network_trains_its_own_cells(dvc: Dvc, clone: Path) -> None:
    recipes = {"digits": yaml.safe_load(Path("studies/depth/params.yaml").read_text())["recipes"]["digits"]}
    several = dict(network=["lenet5"], rho=[10], study={"beside": {}}, recipes=recipes)
    write_study(clone / "studies/networks", **several)
    own = "studies/networks/dvc.yaml"
    assert cells(dvc("repro", own)) == of_network("lenet5")
    done = dvc("exp", "run", own, "-S", "studies/networks/params.yaml:network=[lenet5,small_cifar]")
    assert cells(done) == of_network("small_cifar")
    measures = pd.read_csv(clone / "studies/networks/plots/study/measures.csv")
    assert set(measures["network"]) == {"lenet5", "small_cifar"}
    means = measures[measures["measure"] == "auc"].groupby("network")["value"].mean()
    assert means["lenet5"] != means["small_cifar"]


@pytest.mark.slow  # that these are its parameters: tests/stages/test_studies.py
def test_a_hyper_parameter_concerns_its_method_and_what_starts_from_it(
    first: subprocess.CompletedProcess[str], dvc: Dvc
) -> None:
    done = dvc("exp", "run", FIRST, "-S", "studies/first/params.yaml:methods.oversampling.ratio=2")
    trained = [stage for stage in cells(done) if stage.startswith("train")]
    assert trained == sorted(
        stage for rho in (2, 10) for stage in of_ratio(rho) if "over" in stage and stage.startswith("train")
    )
    dvc("exp", "run", FIRST, "-S", "studies/first/params.yaml:methods.oversampling.ratio=1")


def test_a_method_more_asks_for_another_pipeline(
    first: subprocess.CompletedProcess[str], dvc: Dvc, clone: Path
) -> None:
    file = clone / "studies/first/params.yaml"
    before = file.read_text()
    more = "+methods.fresh={method: undersampling, start: initial, fresh: true}"
    done = dvc("exp", "run", FIRST, "-S", f"studies/first/params.yaml:{more}", fails=True)
    assert "has other stages than params.yaml asks for" in done.stdout
    assert "run `make studies`" in done.stdout
    assert cells(done) == []
    (clone / "studies/first/dvc.yaml").write_text(pipeline.text(load_study(file)))
    assert [stage for stage in cells(dvc("repro", FIRST)) if stage.startswith("train")] == [
        f"train@{rho}-0.5-fresh" for rho in (10, 2)
    ]
    file.write_text(before)
    (clone / "studies/first/dvc.yaml").write_text(pipeline.text(load_study(file)))
    assert not [stage for stage in cells(dvc("repro", FIRST)) if stage.startswith("train")]


def test_a_conflict_in_the_lock_is_mended_by_either_side(
    first: subprocess.CompletedProcess[str], dvc: Dvc, clone: Path
) -> None:
    commit(clone, "results")
    lock = clone / "studies/first/dvc.lock"
    ours = lock.read_text()
    half = len(ours) // 2
    lock.write_text(f"{ours[:half]}\n<<<<<<< HEAD\n{ours[half:]}=======\n>>>>>>> theirs\n")
    refused = dvc("repro", FIRST, fails=True)
    assert "dvc.lock" in refused.stdout
    subprocess.run(["git", "checkout", "-q", str(lock)], cwd=clone, check=True)
    assert not [stage for stage in cells(dvc("repro", FIRST)) if stage.startswith("train")]


def test_a_study_that_is_killed_goes_on_where_it_was(clone: Path, tmp_path: Path) -> None:
    folder = tmp_path / "killed"
    copy_of_working_tree(folder)
    recipes = yaml.safe_load(Path("params.yaml").read_text())["recipes"]["digits"]
    recipes["lenet5"]["iterations"] = 20_000
    write_study(folder / "studies/third", rho=[10], study={"beside": {}}, recipes={"digits": recipes})
    commit(folder, "a study")
    dvc = dvc_in(folder)
    target = "studies/third/dvc.yaml:train@10-0.5-baseline"
    words = [sys.executable, "-m", "dvc", "repro", target]
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    begun = subprocess.Popen(words, cwd=folder, env=environment, start_new_session=True)
    deadline = time.monotonic() + 120
    while not list(folder.glob(".checkpoints/*/*.safetensors")) and time.monotonic() < deadline:
        time.sleep(0.2)
    os.killpg(begun.pid, signal.SIGKILL)
    begun.wait()
    saved = [file.read_text() for file in folder.glob(".checkpoints/*/*.iteration")]
    assert any(text.isdigit() and int(text) > 0 for text in saved), "one may be cut short"
    done = dvc("repro", target)
    assert cells(done) == ["train@10-0.5-baseline"]
    assert not list(folder.glob(".checkpoints/*/*"))
    lock = folder / "studies/third/dvc.lock"
    resumed = yaml.safe_load(lock.read_text())
    lock.unlink()
    shutil.rmtree(folder / ".dvc/cache")
    dvc("repro", target)
    assert yaml.safe_load(lock.read_text()) == resumed, "to the same bytes as without a stop"


def test_in_a_clone_without_the_cache_one_ratio_more_trains_that_ratio(
    first: subprocess.CompletedProcess[str], clone: Path, tmp_path: Path
) -> None:
    commit(clone, "results")
    elsewhere = tmp_path / "elsewhere"
    subprocess.run(["git", "clone", "-q", str(clone), str(elsewhere)], check=True)
    dvc = dvc_in(elsewhere)
    dvc("repro", *(f"{FIRST}:{stage}" for stage in ("download", "subset", "initialize")))
    file = elsewhere / "studies/first/params.yaml"
    params = yaml.safe_load(file.read_text()) | {"rho": [2, 3, 10]}
    file.write_text(yaml.safe_dump(params))
    done = dvc("repro", "--allow-missing", FIRST)
    assert cells(done) == of_ratio(3), "of which a lock that another test has left knows nothing"
    assert set(pd.read_csv(elsewhere / "studies/first/plots/study/summary.csv")["rho"]) == {1, 2, 3, 10}
    shutil.rmtree(elsewhere)
