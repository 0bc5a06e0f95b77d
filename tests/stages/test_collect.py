"""A study that separates the sources of variance: its tables and figures, from the tables of its conditions."""

from pathlib import Path

import pandas as pd
import pytest

from imbalance.data.tables import read, write
from imbalance.evaluation import schemas
from imbalance.evaluation.statistics import compare, summarize
from imbalance.studies.variance import SPREAD, spread
from stages import collect, draw
from tests.builders.measures import designed
from tests.builders.studies import study_of

DESIGN = {"rho": "10", "mu": "0.5", "minority": "[0, 1, 2, 3, 4, 5]", "seed": "[0, 1]", "replicates": "6"}
COVERED = "over weights and batches, on the same training and test images"
METHODS = (
    "{baseline: {method: baseline, start: initial}, oversampling: {method: oversampling, start: initial}}"
)


def write_tables(condition: str, own: pd.DataFrame) -> None:
    """Write the tables of a condition that the stage reads, by its measures."""
    rest = {"test_error": 0.0, "interval": COVERED, "leads": True}
    curve = pd.DataFrame({name: [0.5] for name in schemas.TABLES["convergence"]}).assign(
        method="baseline", replicate=0, iteration=[10]
    )
    nothing = {name: pd.DataFrame(columns=list(schemas.TABLES[name])) for name in ("recall", "trials")}
    found = {
        "replicates": own,
        "summary": summarize(own).assign(**rest),
        "comparisons": compare(own).assign(**rest),
        "convergence": curve,
    }
    for name, of_condition in (found | nothing).items():
        write(of_condition, Path(f"plots/tables/{condition}/{name}.csv"))


@pytest.fixture
def measures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    """The measures of all networks; the test runs in the folder of their study, with a table a condition."""
    monkeypatch.chdir(tmp_path)
    study_of(tmp_path, **DESIGN, shared="subset", methods=METHODS)
    measures = designed(classes=0.03, rest=0.004).round(6)  # as in a file
    for (minority, seed), table in measures.groupby(["minority", "seed"]):
        write_tables(f"minority={minority},seed={seed}", table.drop(columns=["minority", "seed"]))
    return measures


def test_the_sources_have_a_table_and_a_figure_and_there_is_none_over_seeds(measures: pd.DataFrame) -> None:
    collect.main()
    found = read(Path("plots/study/variance.csv"), SPREAD)
    pd.testing.assert_frame_equal(found, spread(measures), atol=2e-6)
    assert (
        read(Path("plots/study/convergence.csv"), {"where": "str"})["where"].iloc[0]
        == "minority = 3, seed = 1"
    )
    assert Path("plots/study/variance.tex").read_text().count(r"\\") == 1 + 9
    draw.main()
    drawn = {file.stem for file in Path("plots/figures").iterdir()}
    assert drawn == {"variance", "convergence", "minority_gap"}


@pytest.mark.parametrize("methods", [METHODS, "{baseline: {method: baseline, start: initial}}"])
def test_several_methods_at_one_condition_are_ranked(
    methods: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    study_of(tmp_path, rho="[10]", mu="0.5", replicates="3", methods=methods)
    names = [name for name in ("baseline", "oversampling") if name in methods]
    rows = [
        (name, replicate, "argmax", "balanced_accuracy", 0.7 + 0.01 * replicate * len(name))
        for name in names
        for replicate in range(3)
    ]
    columns = ["method", "replicate", "rule", "measure", "value"]
    write_tables("rho=10", pd.DataFrame(rows, columns=columns))
    collect.main()
    assert Path("plots/study/ranking.csv").exists() == (len(names) > 1)
