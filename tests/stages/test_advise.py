"""The page of the answer for one's own images: read, and opened in a browser."""

import dataclasses
import html
import re
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from imbalance import networks
from imbalance.config import Study, load_study
from imbalance.data.tables import write
from imbalance.evaluation.statistics import compare, summarize
from imbalance.studies.advice import Advice, Candidate
from stages import advise
from tests.browser import browser, console, needs_browser, open_file, requested
from tests.builders.data import put
from tests.builders.prediction import SIDE
from tests.builders.prediction import made as trained
from tools import predict

MAIN = Path(__file__).parents[2] / "params.yaml"
WHICH = Path(__file__).parents[2] / "studies/which/params.yaml"
LONG = "Kontaktdermatitis_ohne_bekanntes_Allergen_in_der_Vorgeschichte"
GAINS = {
    "baseline": {"argmax": 0.0, "prior": 0.05},
    "class_weights": {"argmax": 0.06},
    "oversampling": {"argmax": 0.055},
    "undersampling": {"argmax": -0.08},
    "balanced_softmax": {"argmax": 0.01},
}
COVERED = "over test and training images, weights and batches"


def study(folder: Path, **changes: Any) -> Study:
    """The study `which`, of images at folder/images, with some parameters changed."""
    params = yaml.safe_load(WHICH.read_text(encoding="utf-8"))
    params["image_folder"]["root"] = "images"
    params["image_folder"] |= changes.pop("image_folder", {})
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "params.yaml").write_text(yaml.safe_dump(params | changes), encoding="utf-8")
    return load_study(folder / "params.yaml")


def of_a_table() -> dict[str, Any]:
    """The parameters that make it a study of a table."""
    main = yaml.safe_load(MAIN.read_text(encoding="utf-8"))
    return {"dataset": "csv", "network": "mlp", "csv": main["csv"], "recipes": main["recipes"]}


def best(method: str, rule: str) -> Advice:
    """An advice to use this."""
    return Advice("use", pd.DataFrame(), Candidate(method, rule), (), (), (), "rare", 9, 9)


def made(folder: Path, monkeypatch: pytest.MonkeyPatch, noise: float = 0.008, **changes: Any) -> Path:
    """The page of a study with these gains, and this noise; of crt, the sixth method, all networks are stuck."""
    rng = np.random.default_rng(0)
    rows = [
        (method, rule, measure, replicate, 0.8 + gain + rng.normal(0, noise))
        for method, rules in GAINS.items()
        for rule, gain in rules.items()
        for measure in ("balanced_accuracy", "sensitivity", "specificity")
        for replicate in range(8)
    ]
    rows += [(method, "any", "auc", replicate, 0.9) for method in GAINS for replicate in range(8)]
    replicates = pd.DataFrame(rows, columns=["method", "rule", "measure", "replicate", "value"])
    beside = {"test_error": np.nan, "interval": COVERED, "leads": True}
    own = folder / "studies/own"
    write(replicates, own / "plots/study/measures.csv")
    write(summarize(replicates).assign(**beside), own / "plots/study/summary.csv")
    write(compare(replicates).assign(**beside), own / "plots/study/comparisons.csv")
    recall = {"method": "baseline", "replicate": 0, "rule": "argmax", "minority": False, "recall": 0.9}
    recall |= {"test_error": 0.01, "auc": 0.9, "average_precision": 0.9}
    sizes = [{"class": "healthy", "images": 4000, "test_images": 1000}]
    sizes += [{"class": LONG, "images": 800, "test_images": 200}]
    write(pd.DataFrame([recall | each for each in sizes]), own / "data/study/recall.csv")
    study(own, **changes)
    monkeypatch.chdir(own)
    advise.main()
    return own / advise.PAGE


@needs_browser
@pytest.mark.long
@pytest.mark.parametrize(
    ("width", "dark", "noise", "answer"),
    [(400, True, 0.1, "These images cannot tell"), (1280, False, 0.008, "For these images, use")],
)
def test_it_opens_from_a_file_without_any_request(
    *, width: int, dark: bool, noise: float, answer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = made(tmp_path, monkeypatch, noise)
    with browser(width, dark=dark) as driver:
        open_file(driver, page)
        assert driver.execute_script("return document.querySelector('h1').innerText").startswith(answer)
        assert driver.execute_script("return document.documentElement.scrollWidth") == width
        hidden = "return [...document.querySelectorAll('h1, td, svg')].filter((each) => each.getBoundingClientRect().right > innerWidth).map((each) => each.outerHTML)"
        assert driver.execute_script(hidden) == []
        shown = "return [...document.querySelectorAll('figure > svg')].filter((each) => each.clientWidth).map((each) => each.classList[0])"
        assert driver.execute_script(shown) == ["narrow" if width == 400 else "wide"]
        color = "return getComputedStyle(document.body).backgroundColor"
        assert driver.execute_script(color) == ("rgb(21, 24, 28)" if dark else "rgb(255, 255, 255)")
        assert console(driver) == []
        assert requested(driver) == [page.absolute().as_uri()]


def test_its_rows_are_the_candidates_by_their_means_and_it_names_what_is_stuck(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = html.unescape(made(tmp_path, monkeypatch).read_text(encoding="utf-8"))
    assert re.findall("<td><b>([^<]+)</b>", text) == [
        "class weights",
        "oversampling",
        "the baseline thresholded by the class priors",
        "balanced softmax",
        "the baseline",
        "undersampling",
    ]
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].startswith("For these images, use class weights: it beats doing nothing by +")
    assert "Nothing is known of crt: all networks are stuck" in printed[3]
    shown = re.sub("</?code>", "`", text)
    assert all(line in shown for line in printed[1:4])
    folder = "studies/own/models/imbalance=natural"
    assert f"python -m tools.predict {folder}/class_weights FOLDER -o predictions.csv`" in shown
    assert "<dt>class weights</dt><dd>Weighted cross entropy: every example is weighted" in text


def test_the_page_of_a_table_is_of_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = html.unescape(made(tmp_path, monkeypatch, **of_a_table()).read_text(encoding="utf-8"))
    own = re.sub("(?s)<head>.*</head>|<svg.*?</svg>|<dl>.*</dl>", "", text)  # <dl> quotes the methods' files
    assert re.findall("[^<>]*images[^<>]*", own) == [" reads images alone."]
    assert "<h1>For these rows, use class weights" in own
    assert '<th class="number">test rows</th>' in own


@pytest.mark.parametrize(
    ("rule", "changes", "options"),
    [
        ("argmax", {}, ""),
        ("prior", {"image_folder": {"color": "rgb", "bits": 12}}, " --bits 12 --rule prior"),
        (
            "deployment",
            {"image_folder": {"color": "grey", "bits": 12}, "deployment": {"c0": 0.9, "c1": 0.1}},
            " --grey --bits 12 --rule deployment --prior c0=0.9 c1=0.1",
        ),
    ],
)
def test_its_command_classifies_new_images(
    rule: str, changes: dict[str, Any], options: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = study(tmp_path, rules=["argmax", rule] if options else ["argmax"], **changes)
    said = advise.predict(Path("studies/my own"), own, best("baseline", rule))
    start = (
        "python -m tools.predict 'studies/my own/models/imbalance=natural/baseline' FOLDER -o predictions.csv"
    )
    assert said == f"To classify new images: `{start}{options}`."
    monkeypatch.chdir(tmp_path)
    channels = 1 if "--grey" in options else 3
    network = networks.build("small_cnn", (channels, SIDE, SIDE), 2)
    trained(Path("studies/my own/models/imbalance=natural/baseline"), [network], [[9, 1]])
    put(Path("FOLDER/coloured.png"), np.arange(300, dtype=np.uint8).reshape(10, 10, 3))
    if "--bits" in options:
        put(Path("FOLDER/deep.png"), np.full((9, 9), 4000, np.uint16))
    predict.main(shlex.split(said.split("`")[1])[3:])
    assert len(pd.read_csv("predictions.csv")) == (2 if "--bits" in options else 1)


@pytest.mark.parametrize(
    ("rule", "changes", "reason"),
    [
        (
            "logit_adjustment",
            {},
            "by the rule logit_adjustment: `tools.predict` has argmax, prior, deployment.",
        ),
        ("threshold", {"validation": 0.2}, "by the rule threshold: `tools.predict` has"),
        (
            "deployment",
            {"validation": 0.2},
            "by the rule deployment as here, where held-out images calibrate",
        ),
    ],
)
def test_where_no_command_decides_as_the_answer_it_says_why(
    rule: str, changes: dict[str, Any], reason: str, tmp_path: Path
) -> None:
    block = {"method": "baseline", "start": "initial"} | changes
    own = study(
        tmp_path, rules=["argmax", rule], methods={"baseline": block}, deployment={"c0": 0.9, "c1": 0.1}
    )
    said = advise.predict(tmp_path, own, best("baseline", rule))
    assert said.startswith(f"No command classifies new images {reason}")
    unclear = dataclasses.replace(best("baseline", rule), verdict="unclear")
    assert advise.predict(tmp_path, own, unclear).endswith("predictions.csv`."), "by doing nothing"
