"""The stage `evaluate`, on a small run made up here: what it reads is checked, what it writes is whole."""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from imbalance.data import arrays
from imbalance.datasets.known import digits
from imbalance.errors import InputError
from imbalance.evaluation import schemas
from imbalance.evaluation.predictions import Predictions
from imbalance.reproducibility.seeding import generator
from imbalance.subsets import subset as subsets
from stages import paths, subset
from stages.evaluate import main
from stages.plot import TABLES
from tests.builders.data import largest_file

SHAPE = (2, 500, 10)
METHODS = ("baseline", "oversampling")
PREDICTIONS = Predictions(paths.PREDICTIONS, METHODS, SHAPE)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run on the digits, up to its predictions."""
    folder = tmp_path_factory.mktemp("run")
    params = yaml.safe_load(Path("params.yaml").read_text())
    params |= {
        "dataset": "digits",
        "replicates": 2,
        "methods": {key: params["methods"][key] for key in METHODS},
    }
    (folder / "params.yaml").write_text(yaml.safe_dump(params))
    arrays.save(digits(), folder / "data/raw/digits")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        subset.main()
    for index, key in enumerate(METHODS):
        logits = generator(0, index, "logits").normal(size=SHAPE).astype(np.float32)
        arrays.write(logits, folder / "data/predictions" / key / "logits.npy")
        point = {
            "method": key,
            "replicate": range(2),
            "iteration": 10,
            "train_accuracy": 0.5,
            "test_accuracy": 1.0,
        }
        trial = {
            "method": key,
            "replicate": range(2),
            "base_lr": 0.01,
            "draw": 0,
            "state": "trained",
            "validation_auc": np.nan,
            "test_auc": 0.5,
            "kept": True,
        }
        recalls = {
            "method": key,
            "replicate": np.repeat(range(2), 10),
            "iteration": 10,
            "label": np.tile(range(10), 2),
            "train_recall": 1.0,
            "test_recall": np.tile(np.arange(10) / 10, 2),
        }
        for name, row in {"convergence": point, "learning": recalls, "trials": trial}.items():
            pd.DataFrame(row).to_csv(folder / "data/predictions" / key / f"{name}.csv", index=False)
    return folder


@pytest.fixture(autouse=True)
def of_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stage's command line names no condition of a study."""
    monkeypatch.setattr(sys, "argv", ["evaluate"])


@pytest.fixture
def project(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it to do harm to, as the current folder."""
    shutil.copytree(run, tmp_path / "run")
    monkeypatch.chdir(tmp_path / "run")
    return tmp_path / "run"


@pytest.fixture(scope="module")
def results(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the run, evaluated."""
    folder = tmp_path_factory.mktemp("evaluated") / "run"
    shutil.copytree(run, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["evaluate"])
        main()
    return folder


@pytest.fixture
def evaluated(results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that, as the current folder."""
    shutil.copytree(results, tmp_path / "run")
    monkeypatch.chdir(tmp_path / "run")
    return tmp_path / "run"


def test_the_tables_and_metrics_are_written(evaluated: Path) -> None:
    assert sorted(path.stem for path in (evaluated / "metrics").iterdir()) == sorted(METHODS)
    assert set(Path("plots").rglob("*.csv")) == set(TABLES)
    for file, columns in TABLES.items():  # what `plot` expects
        assert file.read_text().splitlines()[0].split(",") == list(columns)
    for name in ("convergence", "trials"):
        written = [pd.read_csv(evaluated / "data/predictions" / key / f"{name}.csv") for key in METHODS]
        found = pd.read_csv(evaluated / f"plots/tables/{name}.csv")
        pd.testing.assert_frame_equal(found[written[0].columns], pd.concat(written, ignore_index=True))
    curves = pd.read_csv(evaluated / "plots/tables/convergence.csv")
    sizes = np.load(evaluated / "data/subset/sizes.npy")
    for row in curves.itertuples():
        minority = np.flatnonzero(sizes[row.replicate] < sizes[row.replicate].mean())
        assert row.minority_test_recall == pytest.approx(minority.mean() / 10)
        assert row.majority_train_recall == 1


def test_the_metrics_are_the_leading_means_under_each_rule(evaluated: Path) -> None:
    summary = pd.read_csv("plots/tables/summary.csv").set_index(["method", "rule", "measure"])["mean"]
    names = ("accuracy", "minority_recall", "worst_recall")
    for key in METHODS:
        found = json.loads(Path(f"metrics/{key}.json").read_text())
        assert found == {"auc": summary[key, "any", "auc"]} | {
            rule: {name: summary[key, rule, name] for name in names} for rule in ("argmax", "prior")
        }


def test_of_every_rule_there_are_ten_numbers_a_method(project: Path) -> None:
    params = yaml.safe_load(Path("params.yaml").read_text())
    Path("params.yaml").write_text(
        yaml.safe_dump(params | {"rules": ["argmax", "prior", "logit_adjustment"]})
    )
    main()
    found = json.loads(Path("metrics/baseline.json").read_text())
    numbers = [
        *found.items(),
        *(item for value in found.values() if isinstance(value, dict) for item in value.items()),
    ]
    assert sum(isinstance(value, float) for _, value in numbers) == 10


def test_the_tables_say_what_intervals_cover_and_what_the_test_images_leave_open(evaluated: Path) -> None:
    summary, comparisons = (pd.read_csv(f"plots/tables/{name}.csv") for name in ("summary", "comparisons"))
    # Half of the digits' classes are too small for the majority, so both replicates have the same minority.
    covered = "over training images, weights and batches, on the same test images"
    for table in (summary, comparisons):
        assert set(table["interval"]) == {covered}
        assert set(table.loc[table["leads"], "measure"]) == {"auc", "accuracy", "minority_recall"}
        known = table.dropna(subset="test_error")
        assert {"auc", "accuracy", "balanced_accuracy", "minority_recall"} <= set(known["measure"])
    # 500 test images of which a tenth is right by chance, averaged over two networks.
    accuracy = summary.set_index(["method", "rule", "measure"]).loc["baseline", "argmax", "accuracy"]
    assert accuracy["test_error"] == pytest.approx(1.96 * np.sqrt(0.1 * 0.9 / 500 / 2), rel=0.1)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda x: x.astype(np.float64), r"must be float32 \(2, 500, 10\), not float64 \(2, 500, 10\)"),
        (lambda x: x[:1], r"must be float32 \(2, 500, 10\), not float32 \(1, 500, 10\)"),
        (lambda x: x[:, :, :9], r"not float32 \(2, 500, 9\)"),
        (lambda x: x.ravel(), r"not float32 \(10000,\)"),
        (lambda x: np.where(np.arange(10) == 3, np.nan, x).astype(np.float32), "values that are not finite"),
        (lambda x: np.where(np.arange(10) == 3, np.inf, x).astype(np.float32), "values that are not finite"),
    ],
)
def test_logits_that_cannot_be_are_refused(
    project: Path, change: Callable[[np.ndarray], np.ndarray], problem: str
) -> None:
    file = Path("data/predictions/oversampling/logits.npy")
    np.save(file, change(PREDICTIONS.logits("oversampling")))
    with pytest.raises(InputError, match=rf"^{file} .*{problem}.*; delete the folder and run `dvc repro`"):
        main()
    assert not Path("metrics").exists()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "No such file"),
        ("", "No columns to parse"),
        ("method,replicate,iteration,train_accuracy\nbaseline,0,1,0.5\n", "not found: .'test_accuracy'"),
        ("method,replicate,iteration,train_accuracy,test_accuracy\nbaseline,zero,1,0.5,0.5\n", "zero"),
    ],
)
def test_a_damaged_curve_is_refused(project: Path, content: str | None, problem: str) -> None:
    file = Path("data/predictions/oversampling/convergence.csv")
    file.unlink()
    if content is not None:
        file.write_text(content)
    with pytest.raises(InputError, match=rf"^{file} cannot be read .*{problem}.*; delete it and run"):
        PREDICTIONS.convergence()


def test_a_curve_without_points_is_a_curve(project: Path) -> None:
    file = Path("data/predictions/oversampling/convergence.csv")
    file.write_text(file.read_text().splitlines()[0])
    assert set(PREDICTIONS.convergence()["method"]) == {"baseline"}
    main()


def test_a_stuck_network_is_counted_and_not_averaged_in(
    evaluated: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = json.loads(Path("metrics/oversampling.json").read_text())
    assert "stuck" not in whole
    assert "search" not in whole
    file = Path("data/predictions/oversampling/trials.csv")
    table = pd.read_csv(file)
    table.loc[1, "state"] = "stuck"
    table.to_csv(file, index=False)
    main()
    assert "oversampling, replicate 1: stuck, as good as a guess" in capsys.readouterr().err
    rest = json.loads(Path("metrics/oversampling.json").read_text())
    assert rest["stuck"] == 1
    values = pd.read_csv("plots/tables/replicates.csv").query("method == 'oversampling' and measure == 'auc'")
    assert values["replicate"].tolist() == [0]
    assert rest["auc"] == values["value"].item()
    compared = pd.read_csv("plots/tables/comparisons.csv").query(
        "method == 'oversampling' and measure == 'auc'"
    )
    assert compared["n"].item() == 1
    assert pd.read_csv("plots/tables/trials.csv")["state"].tolist().count("stuck") == 1


def test_when_all_are_stuck_there_is_nothing_to_compare(project: Path) -> None:
    for key in METHODS:
        file = Path("data/predictions", key, "trials.csv")
        file.write_text(file.read_text().replace("trained", "stuck"))
    with pytest.raises(InputError, match="every network is stuck"):
        main()


def test_a_search_reports_both_choices_and_the_optimism(project: Path) -> None:
    rows = [
        (0, 0.05, 0.70, 0.80, False),
        (0, 0.005, 0.75, 0.78, True),
        (1, 0.05, 0.90, 0.85, True),
        (1, 0.005, 0.60, 0.65, False),
    ]
    table = pd.DataFrame(rows, columns=["replicate", "base_lr", "validation_auc", "test_auc", "kept"])
    table = table.assign(method="oversampling", draw=0, state="trained")
    table[list(schemas.TRIALS)].to_csv("data/predictions/oversampling/trials.csv", index=False)
    main()
    search = json.loads(Path("metrics/oversampling.json").read_text())["search"]
    assert search == {"optimism": 0.01}  # 0.825 by the test set, 0.815 by validation
    assert "search" not in json.loads(Path("metrics/baseline.json").read_text())


def test_subsets_of_other_images_are_refused(project: Path) -> None:
    drawn = subsets.load(Path("data/subset"), arrays.load(Path("data/raw/digits")).train_labels)
    moved = [subsets.Subset(each.indices + 1, each.sizes) for each in drawn]
    subsets.save(moved, Path("data/subset"))
    with pytest.raises(
        InputError, match=r"^data/subset: .*by the indices|^data/subset: indices go up to 1297"
    ):
        main()


@pytest.mark.parametrize(
    ("stage", "limit", "file"),
    [
        (subset.main, 500, "data/subset/indices.npy"),
        (main, 0, "plots/tables/replicates.csv"),
        (main, 5000, "plots/tables/recall.csv"),
    ],
)
def test_a_full_disk_is_named_and_what_was_there_stays(
    evaluated: Path, stage: Callable[[], None], limit: int, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "1")  # workers need a file of their own to begin with
    before = contents(evaluated)
    with largest_file(limit), pytest.raises(InputError, match=rf"^{file} cannot be written .*; make room"):
        stage()
    assert contents(evaluated) == before


@pytest.mark.parametrize(
    ("stage", "file"),
    [
        (subset.main, "data/subset/indices.npy"),
        (subset.main, "plots/class_sizes.csv"),
        (main, "metrics/baseline.json"),
    ],
)
def test_a_folder_that_cannot_be_written_to_is_named(
    project: Path, stage: Callable[[], None], file: str
) -> None:
    shutil.rmtree(Path(file).parent, ignore_errors=True)
    Path(file).parent.write_text("in the way")  # permissions do not bind root
    with pytest.raises(InputError, match=rf"^{file} cannot be written .*; make room or give permission"):
        stage()
    assert Path(file).parent.read_text() == "in the way"


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
