"""The last stages of a study, on tables whose effects are known, and the templates of `dvc plots`."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from dvc_render.vega import VegaRenderer

from imbalance.data.tables import write
from imbalance.evaluation.statistics import summarize
from imbalance.studies.collect import stacked
from imbalance.studies.lines import over
from imbalance.studies.ranking import RANKED, pairs, ranking
from stages import draw
from tests.builders.measures import METHODS, conditions, grid, summaries

ROOT = Path(__file__).parents[2]
PLOTS = {
    Path(path): properties
    for study in sorted(path.with_name("dvc.yaml") for path in (ROOT / "studies").glob("*/params.yaml"))
    for plot in yaml.safe_load(study.read_text())["plots"]
    if isinstance(plot, dict)  # the folder of the figures has no template
    for path, properties in plot.items()
}
COVERED = "over weights and batches, on the same training and test images"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the tables of a study."""
    monkeypatch.chdir(tmp_path)
    summary = stacked(summaries(), grid())
    write(summary.assign(interval=COVERED), Path("plots/study/summary.csv"))
    for name in ("auc_over_rho", "auc_over_mu", "accuracy_over_rho"):
        measure, _, x = name.partition("_over_")
        write(over(x, summary, grid(), measure), Path(f"plots/study/{name}.csv"))
    curve = {"replicate": 0, "iteration": [10, 20], "train_accuracy": 0.9, "test_accuracy": 0.8}
    roles = {f"{role}_{part}_recall": 0.7 for role in ("minority", "majority") for part in ("train", "test")}
    curves = pd.concat(pd.DataFrame({"method": method} | curve | roles) for method in METHODS)
    write(curves.assign(where="ρ = 1000, μ = 0.5"), Path("plots/study/convergence.csv"))
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*.*")}


def test_every_table_of_lines_is_drawn_twice_the_same(project: Path) -> None:
    draw.main()
    drawn = contents(Path("plots/figures")) | contents(Path("plots/svg"))
    names = {"auc_over_rho", "auc_over_mu", "accuracy_over_rho", "convergence", "minority_gap"}
    assert set(drawn) == {f"{name}.{kind}" for name in names for kind in ("png", "svg")}
    draw.main()
    assert contents(Path("plots/figures")) | contents(Path("plots/svg")) == drawn


def test_methods_are_ranked_in_a_study_of_one_condition(project: Path) -> None:
    values = stacked(conditions(), grid()).query("rho == 1000 and mu == 0.5 and measure == 'accuracy'")
    values = values.assign(measure=RANKED)
    compared = pairs(values, RANKED, "argmax")
    write(compared, Path("plots/study/pairs.csv"))
    write(ranking(values, RANKED, "argmax", compared), Path("plots/study/ranking.csv"))
    write(
        summarize(values).assign(test_error=0.0, leads=True, interval=COVERED),
        Path("plots/study/summary.csv"),
    )
    draw.main()
    assert Path("plots/figures/ranking.png").is_file()


def test_without_a_minority_there_is_no_figure_of_it(project: Path) -> None:
    file = Path("plots/study/convergence.csv")
    write(pd.read_csv(file).assign(minority_test_recall=np.nan, minority_train_recall=np.nan), file)
    draw.main()
    assert not Path("plots/figures/minority_gap.png").exists()


@pytest.mark.parametrize("path", sorted({file for file in PLOTS if "ratio" not in file.name}), ids=str)
def test_the_templates_show_columns_that_there_are(path: Path) -> None:
    properties = PLOTS[path] | {"template_dir": str(ROOT / ".dvc/plots")}
    measure, _, x = path.stem.partition("_over_")
    table = over(x, stacked(summaries(), grid()), grid(), measure).astype(str).assign(rev="workspace")
    spec = VegaRenderer(table.to_dict("records"), path.name, **properties).get_filled_template()
    assert len(spec["data"].pop("values")) == len(table)
    assert "<DVC_METRIC" not in json.dumps(spec)
    assert {"calculate": f"toNumber(datum['{x}'])", "as": "over"} in spec["transform"]
    axis = spec["spec"]["encoding"]["x"]
    assert (axis["title"], axis["scale"].get("type")) == (x, "log" if x == "rho" else None)


def test_every_template_is_used() -> None:
    used = {properties["template"] for properties in PLOTS.values()}
    assert used == {"lines", "lines_log"}
