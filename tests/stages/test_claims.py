"""The claims' pipeline, by the real DVC, in a fresh clone: what is judged again when what changes."""

import re
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from tests.repository import Dvc, copy_of_working_tree, dvc_in

pytestmark = pytest.mark.long

PIPELINE, FOLDER = "studies/claims/dvc.yaml", Path("studies/claims")
VERDICTS = FOLDER / "plots/claims.csv"


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("claims")
    copy_of_working_tree(folder)
    return folder


@pytest.fixture(scope="module")
def dvc(clone: Path) -> Dvc:
    return dvc_in(clone)


@pytest.fixture(scope="module", autouse=True)
def _judged(clone: Path, dvc: Dvc) -> None:
    """The first run, which has no cache: from tables that Git has, it gives the committed verdicts."""
    dvc("repro", "--force", PIPELINE)
    for name in ("plots/claims.csv", "plots/cases.csv", "metrics/claims.json"):
        assert (clone / FOLDER / name).read_bytes() == (FOLDER / name).read_bytes()


def ran(done: subprocess.CompletedProcess[str]) -> set[str]:
    """The stages that ran, by their names."""
    return set(re.findall(r"^Running stage '[^']+:([^']+)'", done.stdout, re.MULTILINE))


def verdict(clone: Path, claim: str) -> str:
    table = pd.read_csv(clone / VERDICTS, dtype=str)
    return str(table.set_index("id").loc[claim, "verdict"])


def test_without_a_change_nothing_runs(dvc: Dvc) -> None:
    assert not ran(dvc("repro", PIPELINE))


def test_a_table_that_is_missing_is_no_study_that_was_never_run(clone: Path, dvc: Dvc) -> None:
    """DVC's --allow-missing would judge the claims by the other studies alone; a failed stage has no verdicts."""
    (clone / FOLDER / "data/studies/mnist_ratio.csv").unlink()
    done = dvc("repro", "--single-item", "--force", f"{PIPELINE}:judge", fails=True)
    assert "error: data/studies has no table of mnist_ratio" in done.stdout
    assert not (clone / VERDICTS).exists()
    dvc("repro", PIPELINE)
    assert (clone / VERDICTS).read_bytes() == VERDICTS.read_bytes()


def test_another_table_of_one_study_is_gathered_alone_and_may_change_a_verdict(clone: Path, dvc: Dvc) -> None:
    assert verdict(clone, "B11a") == "held"
    others = verdict(clone, "B2a")
    file = clone / "studies/mnist_ratio/plots/study/measures.csv"
    table = pd.read_csv(file)
    table.loc[table["method"] == "oversampling", "value"] -= 0.5
    table.to_csv(file, index=False)
    assert ran(dvc("repro", PIPELINE)) == {"gather@mnist_ratio", "judge"}
    assert verdict(clone, "B11a") == "not held"
    assert verdict(clone, "B2a") == others  # which another study decides


def test_another_margin_judges_again_and_shows_in_the_ledger(clone: Path, dvc: Dvc) -> None:
    before = pd.read_csv(clone / VERDICTS, dtype=str).set_index("id")["hash"]
    margins = clone / FOLDER / "margins.yaml"
    margins.write_text(re.sub(r"notable: *[0-9.]+", "notable: 0.7", margins.read_text(), count=1))
    assert ran(dvc("repro", PIPELINE)) == {"judge"}
    after = pd.read_csv(clone / VERDICTS, dtype=str).set_index("id")["hash"]
    assert (before != after).any()
