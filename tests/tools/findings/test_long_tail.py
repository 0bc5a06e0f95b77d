"""Findings on the long tail, on accuracies that are known."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from imbalance.data.tables import write
from tools.findings import long_tail
from tools.findings.long_tail import PUBLISHED, THRESHOLDED
from tools.studies import STUDIES

MINUS = "\N{MINUS SIGN}"
FOLDER = Path("studies/long_tail")
NOISE = np.array([-0.003, -0.001, 0.001, 0.003])


def found(accuracies: dict[str, float], folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The findings on methods whose replicates have the same differences."""
    rows = []
    for name, accuracy in accuracies.items():
        method, rule = ("baseline", "prior") if name == THRESHOLDED else (name, "argmax")
        rows += [(100.0, method, r, rule, "accuracy", accuracy + noise) for r, noise in enumerate(NOISE)]
    (folder / FOLDER / "plots/study").mkdir(parents=True, exist_ok=True)
    (folder / FOLDER / "params.yaml").write_text((STUDIES / "long_tail/params.yaml").read_text())
    monkeypatch.chdir(folder)
    columns = ["rho", "method", "replicate", "rule", "measure", "value"]
    write(pd.DataFrame(rows, columns=columns), FOLDER / "plots/study/measures.csv")
    return " ".join(long_tail.sentences("long_tail"))


def test_an_order_as_published_and_its_reverse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    published = {name: value / 100 for each in PUBLISHED for name, value in each.accuracy.items()}
    text = found(published, tmp_path, monkeypatch)
    # Ren et al. are the last to give the baseline and focal; in their numbers, the others are as they say
    assert (
        "of Ren et al. 2020, Tables 2 and 5, of 6 methods: Kendall's rank correlation with ours is +1.00"
        in text
    )
    assert "Crt against the baseline: above, +4.60 (+4.60 to +4.60) of accuracy." in text
    reverse = {name: 1 - value for name, value in published.items()}
    text = found(reverse, tmp_path, monkeypatch)
    assert (
        f"of 6 methods: Kendall's rank correlation with ours is {MINUS}1.00 ({MINUS}1.00 to {MINUS}1.00;"
        in text
    )


def test_only_methods_above_the_free_one_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = {name for each in PUBLISHED for name in each.accuracy}
    accuracies = dict.fromkeys(names, 0.5) | {THRESHOLDED: 0.6, "lws": 0.7, "focal": 0.4}
    text = found(accuracies, tmp_path, monkeypatch)
    assert "of the methods without thresholding: lws, +10.00 (+10.00 to +10.00)." in text
    assert "of the methods with thresholding: none." in text
    assert f"Focal against the baseline: below, {MINUS}10.00" in text
    assert "Thresholded baseline against the baseline: above, +10.00" in text
