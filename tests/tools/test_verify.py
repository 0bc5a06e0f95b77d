"""`make verify`: the comparison by hand, and the whole of it on commits that are right and that are doctored."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

from imbalance.errors import InputError
from tests.repository import commit, publish_baseline
from tools.comparing import Mean, Results, compare, compare_means, outside, table
from tools.verify import DECIDE_BYTES, inexact, locked_outputs, results

LOCK = """
schema: '2.0'
stages:
  train@baseline:
    cmd: python -m stages.train baseline
    outs:
    - {path: data/predictions/baseline, hash: md5, md5: aaaaaaaaaa.dir, nfiles: 2}
    - {path: models/baseline, hash: md5, md5: bbbbbbbbbb.dir, nfiles: 6}
"""
HASHES = {"train@a: models/a": "aaaaaaaaaa.dir", "plots/tables/summary.csv": "cccccccccc"}
MEANS = {"a any auc": Mean(0.9, 0.88, 0.92), "a argmax accuracy": Mean(0.5, 0.4, 0.6)}
COMMITTED = Results(HASHES, MEANS)


def verdicts(expected: dict[str, str], got: dict[str, str]) -> dict[str, tuple[str, bool]]:
    return {
        row.artifact: (row.verdict, row.fails) for row in compare(Results(expected, {}), Results(got, {}))
    }


def test_the_outputs_of_a_lock() -> None:
    assert locked_outputs(LOCK) == {
        "train@baseline: data/predictions/baseline": "aaaaaaaaaa.dir",
        "train@baseline: models/baseline": "bbbbbbbbbb.dir",
    }


def test_the_same_results_are_identical() -> None:
    assert not any(row.fails for row in compare(COMMITTED, COMMITTED))
    assert table(compare(COMMITTED, COMMITTED)) == "2 of 2 artifacts are identical."


def test_a_doctored_hash_and_missing_and_extra_stages_fail() -> None:
    expected = {"train@a: models/a": "a", "train@old: models/old": "b", "plot: plots/svg": "c"}
    got = {"train@a: models/a": "doctored", "train@new: models/new": "d", "plot: plots/svg": "c"}
    assert verdicts(expected, got) == {
        "train@a: models/a": ("different", True),
        "train@old: models/old": ("missing", True),
        "train@new: models/new": ("extra", True),
        "plot: plots/svg": ("identical", False),
    }


def test_the_table_shows_what_differs_with_short_hashes() -> None:
    got = Results(HASHES | {"train@a: models/a": "0123456789.dir"}, MEANS)
    header, row, summary = table(compare(COMMITTED, got)).splitlines()
    assert header.split() == ["artifact", "expected", "got", "verdict"]
    assert row == "train@a: models/a  aaaaaaaa  01234567  different"
    assert summary == "1 of 2 artifacts are identical."


@pytest.mark.parametrize(
    ("auc", "problems"),
    [
        (0.92, []),
        (0.88, []),
        (0.920001, ["a any auc is 0.920001, not from 0.88 to 0.92"]),
        (np.nan, ["a any auc is nan, not from 0.88 to 0.92"]),
    ],
)
def test_a_mean_must_be_within_the_committed_interval(auc: float, problems: list[str]) -> None:
    assert list(outside(MEANS, MEANS | {"a any auc": Mean(auc, 0.4, 1)})) == problems


def test_measures_must_be_the_same_ones_and_a_single_replicate_has_no_interval() -> None:
    alone = [Mean(mean, np.nan, np.nan) for mean in (0.5, 0.1, 0.9)]
    expected = {"a argmax accuracy": alone[0], "a argmax brier": alone[1]}
    got = {"a argmax accuracy": alone[2], "a any auc": alone[2]}
    assert list(outside(expected, got)) == ["a any auc is extra", "a argmax brier is missing"]


def test_elsewhere_only_the_means_and_the_names_of_the_artifacts_count() -> None:
    other = {"train@a: models/a": "other", "plots/tables/summary.csv": "other", "metrics/b.json": "new"}
    near = MEANS | {"a argmax accuracy": Mean(0.55, 0.45, 0.65)}
    far = MEANS | {"a argmax accuracy": Mean(0.65, 0.55, 0.75)}
    for means, verdict in (
        (near, "means within the intervals"),
        (far, "a argmax accuracy is 0.65, not from 0.4 to 0.6"),
    ):
        rows = compare_means(COMMITTED, Results(other, means))
        assert [(row.verdict, row.fails) for row in rows] == [
            ("not promised here", False),
            (verdict, means is far),
            ("extra", True),
        ]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with its promise kept on this machine, whichever it is."""
    (tmp_path / "params.yaml").write_text("rho: 50\n")
    (tmp_path / "requirements.lock").write_text("".join(f"{name}==1.0 ; marker\n" for name in DECIDE_BYTES))
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.setattr("tools.verify.Path.read_text", lambda path, encoding: read_text(path))
    monkeypatch.setattr("importlib.metadata.version", lambda name: "1.0")
    return tmp_path


def read_text(path: Path, flags: str = "fpu avx avx2") -> str:
    return f"flags : {flags}\n" if path == Path("/proc/cpuinfo") else path.read_bytes().decode()


def test_exactness_is_promised_with_the_locked_versions_on_the_right_processor(here: Path) -> None:
    assert inexact(here) == []


def test_it_says_what_the_promise_fails_on(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "params.yaml").write_text("reproducible: false\n")
    monkeypatch.setattr("importlib.metadata.version", lambda name: "2.0" if name == "torch" else "1.0")
    monkeypatch.setattr("tools.verify.Path.read_text", lambda path, encoding: read_text(path, "fpu avx"))
    assert inexact(here) == [
        "the processor has no AVX2",
        "torch is 2.0, not 1.0 as in requirements.lock",
        "params.yaml says `reproducible: false`",
    ]
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    monkeypatch.setattr("platform.machine", lambda: "arm64")
    assert inexact(here)[0] == "this is Darwin arm64, not Linux x86_64"


def test_the_repository_locks_every_package_that_decides_bytes() -> None:
    lock = Path("requirements.lock").read_text()
    assert all(f"\n{name}==" in f"\n{lock}" for name in DECIDE_BYTES)


def test_a_commit_without_results_or_with_damaged_ones_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no dvc\.lock"):
        results(tmp_path)
    (tmp_path / "dvc.lock").write_text(LOCK)
    assert results(tmp_path) == Results(locked_outputs(LOCK), {})
    (tmp_path / "plots/tables").mkdir(parents=True)
    (tmp_path / "plots/tables/summary.csv").write_text("<<<<<<< HEAD\n")
    with pytest.raises(InputError, match=r"summary\.csv cannot be read"):
        results(tmp_path)
    (tmp_path / "dvc.lock").write_text("stages: {<<<<<<< HEAD\n")
    with pytest.raises(InputError, match=r"dvc\.lock .*cannot be read"):
        results(tmp_path)


def verify(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tools.verify"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(Path.cwd())} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_outside_a_repository_it_says_so(tmp_path: Path) -> None:
    done = verify(tmp_path, GIT_CEILING_DIRECTORIES=str(tmp_path.parent))
    assert done.returncode == 1
    assert "error: `git rev-parse HEAD` failed: fatal: not a git repository" in done.stdout
    assert "Traceback" not in done.stdout


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose commit has the results of a tiny run of the baseline."""
    folder = tmp_path_factory.mktemp("published")
    publish_baseline(folder)
    return folder


@pytest.mark.slow
def test_a_commit_gives_its_results_again_without_any_cache(published: Path, tmp_path: Path) -> None:
    (tmp_path / "settings").mkdir()
    (tmp_path / "settings/config").write_text(f"[cache]\n    dir = {tmp_path / 'shared'}\n")
    (published / "rubbish.txt").touch()
    try:
        done = verify(published, DVC_GLOBAL_CONFIG_DIR=str(tmp_path / "settings"), TMPDIR=str(tmp_path))
    finally:
        (published / "rubbish.txt").unlink()
    assert done.returncode == 0, done.stdout
    assert "uncommitted changes: they are not verified" in done.stdout
    assert re.findall(r"^Running stage '([^']+)'", done.stdout, re.MULTILINE) == [
        *yaml.safe_load((published / "dvc.lock").read_text())["stages"]
    ]
    count, total = re.findall(r"^(\d+) of (\d+) artifacts are identical\.$", done.stdout, re.MULTILINE)[0]
    assert count == total
    assert int(total) > 25
    assert not (tmp_path / "shared").exists(), "the user's cache was used"
    assert not list(tmp_path.glob("verify-*")), "the clone was left behind"


@pytest.mark.slow
def test_doctored_results_are_named(published: Path, tmp_path: Path) -> None:
    metrics, lock = published / "metrics/baseline.json", published / "dvc.lock"
    metrics.write_text(metrics.read_text().replace(": 0.", ": 0.1", 1))
    hashes = locked_outputs(lock.read_text())
    models = hashes["train@baseline: models/baseline"]
    lock.write_text(lock.read_text().replace(models, f"{'0' * 32}.dir"))
    commit(published, "doctored")
    done = verify(published, TMPDIR=str(tmp_path))
    assert done.returncode == 1, done.stdout
    assert re.search(r"^metrics/baseline\.json +\w{8}  \w{8}  different$", done.stdout, re.MULTILINE)
    assert f"train@baseline: models/baseline  00000000  {models[:8]}  different" in done.stdout
    assert "uncommitted" not in done.stdout
    kept = re.findall(
        r"^error: 2 of \d+ artifacts are not as committed; the run is kept in (.+)\.$", done.stdout, re.M
    )
    assert Path(kept[0], "clone/metrics/baseline.json").is_file()


@pytest.mark.slow
def test_a_run_that_fails_is_one_clear_message(published: Path, tmp_path: Path) -> None:
    params = published / "params.yaml"
    params.write_text(params.read_text().replace("rho: 10", "rho: 0"))
    commit(published, "broken")
    done = verify(published, TMPDIR=str(tmp_path))
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1].startswith("error: `dvc repro` failed in a fresh clone of the commit")
    assert not list(tmp_path.glob("verify-*"))
