import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import matplotlib
import pandas as pd
import pytest
import yaml
from dvc_render.vega import VegaRenderer
from matplotlib.figure import Figure

from imbalance.errors import InputError
from imbalance.figures.text import PRINTED, results
from stages.plot import TABLES, main, read, save
from tests.builders.data import largest_file
from tests.builders.figures import study

ROOT = Path(__file__).parents[2]
# The tables that `dvc plots` draws by a template of ours, as dvc.yaml says.
TEMPLATED: dict[str, dict[str, str]] = {
    Path(path).stem: properties
    for stage in yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"].values()
    for plot in stage.get("plots", [])
    for path, properties in plot.items()
    if "template" in properties
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the tables of a small run."""
    monkeypatch.chdir(tmp_path)
    tables = study(["baseline", "two_phase_over"], ["0", "None", "NA", "$_$"], 2)
    for file in TABLES:
        file.parent.mkdir(parents=True, exist_ok=True)
        tables[file.stem].to_csv(file, index=False)
    return tmp_path


def test_prints_the_results_and_where_the_figures_are(
    capsys: pytest.CaptureFixture[str], project: Path
) -> None:
    main()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == (
        "Means in %, with 95 % intervals (over training images, weights and batches, on the same test images):"
    )
    assert lines[1].split("  ")[-1].strip().endswith("minority recall")
    assert lines[-1] == "Figures: plots/figures/*.png. Tables: plots/tables/*.csv."
    summary = read(Path("plots/tables/summary.csv"))
    for method, rule in [("baseline", "argmax"), ("two_phase_over", "prior")]:
        (line,) = [line for line in lines if line.split()[:2] == [method, rule]]
        told = re.findall(r"([\d.]+) (?:± ([\d.]+)|\(([\d.]+) to ([\d.]+), cut\))", line)
        rows = summary[(summary["method"] == method) & summary["rule"].isin([rule, "any"])].set_index(
            "measure"
        )
        rows = rows.loc[[measure for measure in PRINTED if measure in rows.index]]
        assert len(rows) >= 2
        for row, (mean, *interval) in zip(rows.itertuples(), told, strict=True):
            assert float(mean) == pytest.approx(100 * row.mean, abs=0.005001)
            ends = [row.low, row.high]
            expected = [row.high - row.mean] if row.cut == "none" else ends
            assert [float(end) for end in interval if end] == pytest.approx(
                [100 * end for end in expected], abs=0.005001
            )


def test_of_one_replicate_no_interval_is_printed() -> None:
    summary = pd.DataFrame(
        [["a", "any", "auc", 1, 0.5, None, None], ["a", "argmax", "accuracy", 1, 0.25, None, None]],
        columns=["method", "rule", "measure", "n", "mean", "low", "high"],
    )
    summary = summary.astype({"low": float, "high": float}).assign(cut="none", interval="over weights")
    for n in (1, 2):  # two that do not differ have no interval either
        assert results(summary.assign(n=n)).splitlines()[-1].split() == ["a", "argmax", "50.00", "25.00"]


def test_an_interval_that_is_cut_is_printed_by_its_ends() -> None:
    summary = pd.DataFrame(
        [["a", "any", "auc", 0.95, 0.4, 1, "high"], ["a", "argmax", "accuracy", 0.5, 0.4, 0.6, "none"]],
        columns=["method", "rule", "measure", "mean", "low", "high", "cut"],
    )
    last = results(summary.assign(interval="over weights")).splitlines()[-1]
    assert " ".join(last.split()) == "a argmax 95.00 (40.00 to 100.00, cut) 50.00 ± 10.00"


def pictures(project: Path) -> dict[str, bytes]:
    return {
        file.name: file.read_bytes()
        for folder in ("figures", "svg")
        for file in (project / "plots" / folder).iterdir()
    }


def test_writes_every_figure_twice_the_same_whatever_the_users_settings(project: Path) -> None:
    settings = dict(matplotlib.rcParams)
    main()
    assert dict(matplotlib.rcParams) == settings
    first = pictures(project)
    names = ["accuracy", "auc", "class_sizes", "confusion", "convergence", "differences", "recall", "roc"]
    names.append("search")
    assert sorted(first) == sorted(f"{name}.{kind}" for name in names for kind in ("png", "svg"))
    (project / "matplotlibrc").write_text("font.size: 20\nsavefig.dpi: 50\nsvg.hashsalt: other\n")
    subprocess.run([sys.executable, "-m", "stages.plot"], env={"PYTHONPATH": str(ROOT)}, check=True)
    assert pictures(project) == first
    for file, content in first.items():
        assert b"Software" not in content, file
        assert b"<dc:date>" not in content, file


def test_names_stay_text(project: Path) -> None:
    assert read(Path("plots/class_sizes.csv"))["class"].unique().tolist() == ["0", "None", "NA", "$_$"]


@pytest.mark.parametrize("content", [None, ""], ids=["missing", "empty"])
def test_a_table_that_cannot_be_read_is_one_sentence(project: Path, content: str | None) -> None:
    table = project / "plots/tables/roc.csv"
    table.unlink()
    if content is not None:
        table.write_text(content)
    with pytest.raises(
        InputError, match=r"plots/tables/roc.csv cannot be read .*; delete it and run `dvc repro`"
    ):
        main()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda text: text.replace("fpr", "fp", 1), r"columns expected but not found: \['fpr'\]"),
        (lambda text: text.splitlines()[0], "has no rows"),
        (lambda text: text.replace("0.", "O.", 1), "could not convert string to float"),
        (lambda text: text.replace("b", '"b', 1), "EOF inside string"),
        (lambda text: text.replace("m", "\udcff", 1), "invalid start byte"),
    ],
)
def test_a_damaged_table_is_one_sentence(project: Path, change: Callable[[str], str], problem: str) -> None:
    table = project / "plots/tables/roc.csv"
    table.write_text(change(table.read_text()), errors="surrogateescape")
    with pytest.raises(InputError, match=rf"^plots/tables/roc.csv .*({problem})") as error:
        main()
    assert str(error.value).endswith("run `dvc repro`.")


def test_a_full_disk_keeps_the_old_figures(project: Path) -> None:
    save(Figure(), "roc")
    before = pictures(project)
    with largest_file(100), pytest.raises(InputError, match=r"^plots/figures/roc\.png cannot be written"):
        save(Figure(), "roc")
    assert pictures(project) == before


def fields(spec: Any) -> Iterator[tuple[str, str]]:
    """Every name in a Vega-Lite specification that is a field, with the key it stands under."""
    for key, value in (
        spec.items() if isinstance(spec, dict) else enumerate(spec) if isinstance(spec, list) else ()
    ):
        if key in ("as", "field", "fold", "groupby"):
            names = [value] if isinstance(value, str) else value
            yield from ((str(key), name) for name in names if isinstance(name, str))
        yield from fields(value)


@pytest.mark.parametrize("table", TEMPLATED)
def test_templates_show_columns_that_there_are(table: str) -> None:
    rows = study(["baseline", "two_phase_over"], ["0", "1"], 2)[table].astype(str).assign(rev="workspace")
    properties = TEMPLATED[table] | {"template_dir": str(ROOT / ".dvc/plots")}
    # DVC's own renderer: it refuses an x or y that is no column.
    spec = VegaRenderer(rows.to_dict("records"), table, **properties).get_filled_template()
    assert len(spec["data"].pop("values")) == len(rows)
    assert spec["title"]["text"] == TEMPLATED[table]["title"]
    assert "<DVC_METRIC" not in json.dumps(spec)
    made = {name for key, name in fields(spec) if key == "as"}
    assert {name for key, name in fields(spec) if key != "as"} <= made | set(rows.columns)
    assert set(spec["data"]["format"]["parse"]) <= set(rows.columns)


def test_no_table_is_drawn_without_a_template() -> None:
    assert sorted(TEMPLATED) == sorted(file.stem for file in TABLES)
    templates = {properties["template"] for properties in TEMPLATED.values()}
    of_studies = {"lines", "lines_log"}
    assert templates | of_studies == {file.stem for file in (ROOT / ".dvc/plots").glob("*.json")}
