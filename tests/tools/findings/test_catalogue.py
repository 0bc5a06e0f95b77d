"""The plain answer of a study of all methods, on measures whose effects are known."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from imbalance import methods
from imbalance.catalogue import names
from imbalance.data.tables import write
from imbalance.studies.ranking import RANKED, pairs, ranking
from tools.findings import catalogue
from tools.studies import STUDIES

FOLDER = Path("studies/all/plots/study")
METHODS = {
    "baseline": {"method": "baseline", "start": "initial"},
    "ldam": {"method": "ldam", "start": "initial"},
    "class_balanced": {"method": "class_balanced", "start": "initial"},
    "crt": {"method": "crt", "start": "baseline"},
    "easy_ensemble": {"method": "easy_ensemble", "start": "initial"},
    "mfe": {"method": "mfe", "start": "initial"},
    "msfe": {"method": "msfe", "start": "initial"},
}
MEANS = {
    "baseline": 0.5,
    "ldam": 0.7,
    "class_balanced": 0.6,
    "crt": 0.7,
    "easy_ensemble": 0.5,
    "mfe": 0.45,
    "msfe": 0.4,
}


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A study of seven methods at one condition; thresholding gains 0.15, and what differs by 0 only by noise."""
    params = yaml.safe_load((STUDIES / "mnist_step/params.yaml").read_text())
    params |= {"methods": METHODS, "rho": [100], "mu": 0.5, "study": {"beside": {}}}
    rng = np.random.default_rng(0)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "studies/all").mkdir(parents=True)
    (tmp_path / "studies/all/params.yaml").write_text(yaml.safe_dump(params))
    rows = []
    for method, mean in MEANS.items():
        for replicate, value in enumerate(mean + rng.normal(0, 0.001, 8)):
            rows += [
                (100, method, replicate, "any", "auc", value + 0.2),
                (100, method, replicate, "argmax", RANKED, value),
                (100, method, replicate, "prior", RANKED, value + 0.15),
                (100, method, replicate, "argmax", "minority_recall", value - 0.3),
            ]
    table = pd.DataFrame(rows, columns=["rho", "method", "replicate", "rule", "measure", "value"])
    write(table, FOLDER / "measures.csv")
    compared = pairs(table, RANKED, "argmax")
    write(compared, FOLDER / "pairs.csv")
    write(ranking(table, RANKED, "argmax", compared), FOLDER / "ranking.csv")
    return "all"


def test_the_answer_is_that_of_the_known_effects(study: str) -> None:
    text = " ".join(catalogue.sentences(study))
    assert (
        "First by mean rank, all without thresholding, is crt, +19.94 (+19.85 to +20.02) of balanced accuracy over the base"
        in text
    )
    assert "From it, 1 others do not differ significantly: ldam." in text
    assert "on features that there are: crt." in text
    assert (
        "Thresholding alone, which costs nothing, changes the baseline by +15.00 (+15.00 to +15.00)." in text
    )
    assert "Over the thresholded baseline, by their intervals: 2 of 6 methods" in text
    assert "below it: 4." in text
    assert "Not significantly different from the baseline: easy ensemble; worse: mfe, msfe." in text
    assert "not worth its cost here: easy ensemble." in text
    assert "ldam better than class balanced (Cao et al. 2019): found, +" in text
    assert "msfe better than mfe (Wang et al. 2016): the contrary is found" in text


def test_the_table_has_the_methods_by_rank(study: str) -> None:
    lines = catalogue.table(study).splitlines()
    assert len(lines) == 2 + len(METHODS)
    assert lines[-1].startswith("| 7 | msfe | network | 7.0 | 40.0")
    (crt,) = [line for line in lines if "| crt |" in line]
    assert "| classifier after baseline |" in crt
    assert "\N{ASTERISK} | 5, 0 |" in crt
    (ensemble,) = [line for line in lines if "easy ensemble" in line]
    assert "| 4 networks |" in ensemble
    assert "\N{ASTERISK}" not in ensemble


def test_the_reported_orders_are_of_methods_there_are() -> None:
    known = set(names(methods))
    assert {name for order in catalogue.ORDERS for name in order} <= known
