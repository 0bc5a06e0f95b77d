"""The page of the answer for one's own images: read, and opened in a browser."""

import html
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from imbalance.data.tables import write
from imbalance.evaluation.statistics import compare, summarize
from stages import advise
from tests.browser import browser, console, needs_browser, open_file, requested

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


def made(folder: Path, monkeypatch: pytest.MonkeyPatch, noise: float = 0.008) -> Path:
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
    study = folder / "studies/own"
    write(replicates, study / "plots/study/measures.csv")
    write(summarize(replicates).assign(**beside), study / "plots/study/summary.csv")
    write(compare(replicates).assign(**beside), study / "plots/study/comparisons.csv")
    recall = {"method": "baseline", "replicate": 0, "rule": "argmax", "minority": False, "recall": 0.9}
    recall |= {"test_error": 0.01, "auc": 0.9, "average_precision": 0.9}
    sizes = [{"class": "healthy", "images": 4000, "test_images": 1000}]
    sizes += [{"class": LONG, "images": 800, "test_images": 200}]
    write(pd.DataFrame([recall | each for each in sizes]), study / "data/study/recall.csv")
    params = yaml.safe_load(WHICH.read_text(encoding="utf-8"))
    params["image_folder"]["root"] = "images"
    (study / "params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
    monkeypatch.chdir(study)
    advise.main()
    return study / advise.PAGE


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
