"""One's own images of two classes through the real DVC: measures, working points, figures; and back again."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from numpy.typing import NDArray

from imbalance.evaluation import schemas
from imbalance.methods.parts.held_out import log_odds
from tests.builders.data import put
from tests.repository import SMALL, Dvc, copy_of_working_tree, dvc_in, settings

pytestmark = pytest.mark.long

METHODS = ("baseline", "oversampling")
RULES = ("argmax", "prior", "deployment", "threshold")
FIGURES = {"operating.png", "reliability.png"}
CHANGES = (
    *(
        "dataset=image_folder",
        "image_folder.pixels=12",
        "image_folder.test_fraction=0.4",
        "imbalance=natural",
    ),
    *("replicates=2", "budget=0.01", f"rules=[{','.join(RULES)}]", "two_classes.aim={sensitivity: 0.7}"),
    *("+methods.baseline.validation=0.3", "+methods.oversampling.validation=0.3"),
)


def images(folder: Path) -> None:
    """100 dark images, and 20 of which most have a brighter square."""
    rng = np.random.default_rng(0)
    for name, count in {"healthy": 100, "ill": 20}.items():
        for number in range(count):
            pixels = rng.normal(110, 28, (12, 12))
            pixels[3:8, 3:8] += rng.uniform(0, 60) if name == "ill" else 0
            put(folder / name / f"{number:03}.png", np.clip(pixels, 0, 255).astype(np.uint8))


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clone")
    copy_of_working_tree(folder)
    params = yaml.safe_load((folder / "params.yaml").read_text())
    params["methods"] = {key: params["methods"][key] for key in METHODS}
    (folder / "params.yaml").write_text(yaml.safe_dump(params))
    images(folder / "data/images")
    return folder


@pytest.fixture(scope="module")
def dvc(clone: Path) -> Dvc:
    run = dvc_in(clone)
    assert "deployment needs the shares" in run("exp", "run", *settings(*CHANGES), fails=True).stdout
    run("exp", "run", *settings("deployment={healthy: 0.98, ill: 0.02}"))
    return run


def table(clone: Path, name: str) -> pd.DataFrame:
    folder = "plots/tables" if name in schemas.TABLES else "data/two_classes"
    return pd.read_csv(clone / folder / f"{name}.csv")


def held_out(clone: Path, method: str, replicate: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The log-odds of "ill" of a network's held-out images, and which are."""
    rows = pd.read_csv(clone / f"data/predictions/{method}/validation.csv").query("replicate == @replicate")
    return log_odds(rows[["logit_0", "logit_1"]].to_numpy())[:, 1], rows["label"].to_numpy() == 1


def test_a_threshold_is_chosen_on_held_out_images_and_applied_to_the_test_images(
    dvc: Dvc, clone: Path
) -> None:
    points = table(clone, "working_points").set_index(["method", "replicate", "rule"])
    assert set(points.index) == {
        (key, number, rule) for key in METHODS for number in (0, 1) for rule in RULES
    }
    labels = np.load(clone / "data/raw/image_folder/test_labels.npy")
    for key in METHODS:
        logits = np.load(clone / f"data/predictions/{key}/logits.npy")
        for number in (0, 1):
            odds, ill = held_out(clone, key, number)
            assert ill.sum() == 4
            cut = points.loc[(key, number, "threshold"), "log_odds"]
            # 0.7 asks for three of the four: with as few false alarms as the third allows.
            assert (odds[ill] > cut).sum() >= 3
            assert (odds[~ill] > cut).sum() == (odds[~ill] > np.sort(odds[ill])[1]).sum()
            called = log_odds(logits[number])[:, 1] > cut
            found = points.loc[(key, number, "threshold")]
            assert found["sensitivity"] == pytest.approx(called[labels == 1].mean())
            assert found["specificity"] == pytest.approx(1 - called[labels == 0].mean())


def test_measures_stand_in_the_tables_and_metrics_with_their_test_error(dvc: Dvc, clone: Path) -> None:
    summary = table(clone, "summary").set_index(["method", "rule", "measure"])
    for name in ("sensitivity", "specificity", "f1"):
        assert summary.loc[[("baseline", rule, name) for rule in RULES], "test_error"].notna().any()
    assert summary.loc[("baseline", "any", "positive_average_precision"), "test_error"] > 0
    assert ("baseline", "threshold", "brier") not in summary.index
    assert ("baseline", "deployment", "positive_brier") in summary.index
    metrics = json.loads((clone / "metrics/baseline.json").read_text())
    assert {"sensitivity", "specificity", "positive_predictive_value"} <= metrics["threshold"].keys()
    assert "sensitivity" in set(table(clone, "comparisons")["measure"])


def test_figures_are_drawn(dvc: Dvc, clone: Path) -> None:
    assert {file.name for file in (clone / "plots/figures").iterdir()} >= FIGURES
    assert {file.stem for file in (clone / "data/two_classes").iterdir()} == set(schemas.TWO_CLASSES)
    assert set(table(clone, "reliability")["rule"]) == set(RULES[:3])


def test_more_classes_have_none_of_it_and_nothing_to_do_runs_nothing(dvc: Dvc, clone: Path) -> None:
    more = ("imbalance=step", "rules=[argmax,prior]", "deployment=null", "two_classes.aim=youden")
    dvc("exp", "run", *settings(*SMALL, *more))
    assert not list((clone / "data/two_classes").iterdir())
    assert not FIGURES & {file.name for file in (clone / "plots/figures").iterdir()}
    assert not {"sensitivity", "positive_brier"} & set(table(clone, "summary")["measure"])
    assert "Data and pipelines are up to date." in dvc("repro").stdout
