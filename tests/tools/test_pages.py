import runpy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from imbalance.evaluation.statistics import CORRECTED
from tools.pages import results_table

INTERVAL = "over weights and batches, on the same training and test images"
SUMMARY = pd.DataFrame(
    [
        ("baseline", "any", "auc", 3, 0.9, 0.88, 0.92, "none", 0.01),
        ("baseline", "argmax", "accuracy", 3, 0.5, 0.4, 0.6, "none", 0.02),
        ("two_phase", "argmax", "accuracy", 3, 0.625, 0.6, 0.65, "none", 0.03),
    ],
    columns=["method", "rule", "measure", "n", "mean", "low", "high", "cut", "test_error"],
).assign(leads=True, interval=INTERVAL)
COMPARISONS = pd.DataFrame(
    [("two_phase", "argmax", "accuracy", 3, 0.125, 0.1, 0.15, "none", 0.012)],
    columns=["method", "rule", "measure", "n", "difference", "low", "high", "cut", "p_holm"],
).assign(leads=True)


def test_results_table_by_hand() -> None:
    table = results_table(SUMMARY, COMPARISONS)
    assert "| baseline | argmax | 90.00 ± 2.00 | 50.00 ± 10.00 |  |  |  |" in table
    assert "| two phase | argmax |  | 62.50 ± 2.50 |  | +12.5 (+10.0 to +15.0) | 0.012 |" in table
    note = " ".join(table.split())
    assert f"95 % interval of 3 replicates, {INTERVAL}." in note
    assert "The test images alone leave an error of ± 1 (ROC AUC), ± 2 to 3 (accuracy), which" in note
    assert (
        "p is the paired t-test's, corrected for the number of comparisons (1, Holm); the intervals" in note
    )


def test_repeated_splits_are_tested_by_their_own_test() -> None:
    covered = f"over test and training images, weights and batches, {CORRECTED}"
    table = results_table(SUMMARY.assign(interval=covered, test_error=np.nan), COMPARISONS)
    note = " ".join(table.split())
    assert f"95 % interval of 3 replicates, {covered}. Differences are paired by replicate; p is the" in note
    assert "p is the corrected resampled t-test's, corrected for the number of comparisons (1, Holm)" in note


def test_balanced_accuracy_leads_where_the_table_says_so() -> None:
    renamed = {"accuracy": "balanced_accuracy"}
    table = results_table(SUMMARY.replace(renamed), COMPARISONS.replace(renamed))
    assert table.startswith("| method | decision rule | ROC AUC | balanced accuracy | minority recall |")
    assert "| two phase | argmax |  | 62.50 ± 2.50 |  | +12.5 (+10.0 to +15.0) | 0.012 |" in table


def test_an_interval_that_is_cut_is_said_to_be() -> None:
    table = results_table(
        SUMMARY.assign(low=0.3, high=1.0, cut="high"), COMPARISONS.assign(low=-0.1, high=1.0, cut="high")
    )
    cells = "62.50 (30.00 to 100.00, cut) |  | +12.5 (-10.0 to +100.0, cut) | 0.012 |"
    assert f"| two phase | argmax |  | {cells}" in table


def test_equal_replicates_have_no_interval_and_no_test() -> None:
    nothing = dict.fromkeys(("low", "high"), np.nan)
    table = results_table(SUMMARY.assign(**nothing), COMPARISONS.assign(p_holm=np.nan, **nothing))
    assert "| 62.50 (no interval) |  | +12.5 | too few distinct replicates |" in table
    once = results_table(SUMMARY.assign(n=1, **nothing), COMPARISONS.assign(n=1, p_holm=np.nan, **nothing))
    assert "| two phase | argmax |  | 62.50 |  | +12.5 |  |" in once
    assert "All in %, of one replicate, so without intervals." in once


@pytest.mark.filterwarnings("ignore:'tools.pages' found in sys.modules")
def test_a_missing_marker_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "studies").symlink_to(Path("studies").absolute())
    damaged = Path("README.md").read_text(encoding="utf-8").replace("<!-- end of answer -->", "")
    (tmp_path / "README.md").write_text(damaged, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("tools.pages", run_name="__main__")
    assert ended.value.code == (
        "error: README.md: the line `<!-- end of answer -->` of `make pages` is missing; take it back from Git."
    )
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == damaged
