"""Findings on a KEEL table, on measures that are known."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from imbalance.data.tables import write
from tools.findings import keel
from tools.studies import STUDIES

FOLDER = Path("studies/keel")
NOISE = np.array([-0.003, -0.001, 0.001, 0.003])  # of the replicates, the same for all methods
ERRORS = ("squared_error", "mfe", "msfe")


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    """Measures of a study that has the numbers of Household, in whose folder the test runs."""
    rows = []
    for at, rho in enumerate(keel.SHARES):
        household = keel.PUBLISHED[0]
        for name, f1, auc in zip(ERRORS, household.f1[at], household.auc[at], strict=True):
            rows += [(rho, name, *keel.F1, f1), (rho, name, *keel.AUC, auc), (rho, name, *keel.BALANCED, 0.7)]
        rows += [(rho, "baseline", *keel.BALANCED, 0.6), (rho, "baseline", *keel.THRESHOLDED, 0.65)]
        rows += [(rho, "smote", *keel.BALANCED, 0.64 if rho == 4 else 0.66)]
    columns = ["rho", "method", "measure", "rule", "value"]
    table = pd.DataFrame(rows, columns=columns).merge(
        pd.DataFrame({"replicate": range(4), "noise": NOISE}), how="cross"
    )
    (tmp_path / FOLDER).mkdir(parents=True)
    (tmp_path / FOLDER / "params.yaml").write_text((STUDIES / "keel/params.yaml").read_text())
    monkeypatch.chdir(tmp_path)
    columns = ["method", "replicate", "base_lr", "draw", "state", "validation_auc", "test_auc", "kept"]
    trials = [("mfe", r, 0.1, 0, "stuck" if r == 2 else "trained", 0.9, 0.9, r > 0) for r in range(4)]
    write(pd.DataFrame(trials, columns=columns), FOLDER / "plots/tables/rho=19/trials.csv")
    return table.assign(value=table["value"] + table.pop("noise"))


def found(table: pd.DataFrame) -> str:
    write(table, FOLDER / "plots/study/measures.csv")
    return " ".join(keel.sentences("keel"))


def test_the_differences_are_those_of_the_published_numbers(published: pd.DataFrame) -> None:
    text = found(published)
    assert "1 of 3 networks are stuck, no better than a guess: 1 of 3 of mfe at ρ = 19. They are left" in text
    assert (
        "F1 of MFE against that of the squared error: +2.25 (+2.25 to +2.25) at 20 %; +0.19 (+0.19 to +0.19) "
        "at 10 %; +7.62 (+7.62 to +7.62) at 5 %; as the minority gets rarer, it grows." in text
    )
    assert "F1 of MSFE against that of MFE: +1.33" in text
    assert (
        "That of the thresholded baseline, which costs nothing: +5.00 (+5.00 to +5.00) at 20 %; +5.00" in text
    )
    assert "That of smote: +4.00 (+4.00 to +4.00) at 20 %; +6.00" in text
    assert "above the thresholded baseline at 2 of 3 shares, below it at 1." in text


def test_the_words_turn_with_the_effects(published: pd.DataFrame) -> None:
    published.loc[published["measure"] == "f1", "value"] *= -1
    assert "at 5 %; as the minority gets rarer, it falls." in found(published)


def test_the_table_has_ours_beside_the_published_numbers(published: pd.DataFrame) -> None:
    found(published)
    *_, last = keel.table("keel").splitlines()
    assert last == (
        "| AUC | 5 % | 0.671, 0.695, 0.697 | 0.671, 0.695, 0.697 | 0.792, 0.800, 0.800 | 0.548, 0.652, 0.700 |"
    )
