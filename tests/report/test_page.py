"""The report of the committed results: read back, and opened in a browser."""

import base64
import csv
import html
import os
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest

from imbalance.errors import InputError
from imbalance.report.ledger import contradictions
from imbalance.studies.claims.columns import CASES as ALL_CASES
from imbalance.studies.claims.columns import LEDGER
from tests.browser import browser, console, needs_browser, open_file, requested

ROOT = Path(__file__).parents[2]
CLAIMS = """id,source,place,statement,test,verdict,starred,reason,effect,low,high,unit,p_holm,studies,missing,scope,anchor,cautions,published
B1,buda2018,"§4.1, Fig. 3",Imbalance costs & hurts.,a - b: auc,held,True,Holds.,4.178344,3.679427,4.677261,pt,0.016183,mnist_step,,scaled,held,,90.74
B9,buda2018,§4.2,Not tested.,,no study,False,Needs imagenet.,,,,,,,imagenet,,,,
K1,konno2018,§3.5,Pseudo-features win.,a - b: auc,not held,False,Does not.,-0.5,-1.25,0.25,pt,0.5,mnist_step,,analogue,,,
"""
STUDIES = (
    *("mnist_step", "mnist_linear", "mnist_ratio", "cifar10_step", "cifar10_linear", "konno"),
    *("fashion_step", "konno_fashion", "hensman_masko", "keel", "fashion_catalogue", "long_tail", "variance"),
)
SHOWN = 19  # figures
MADE = {"costs.csv", "konno.published.csv", "konno_fashion.published.csv"}  # tables that the page alone has
CASES = """id,study,condition,contrast,measure,effect,low,high,unit,verdict
B1,mnist_step,"ρ = 100, μ = 0.5",a - b,auc,1.5,1.25,1.75,pt,held
"""


def made(folder: Path, ledger: bool) -> Path:
    """Make the report in a folder that has the studies' files, with a ledger or without."""
    (folder / "report").mkdir(parents=True)
    (folder / "studies").mkdir()
    (folder / "report/contradictions.yaml").write_text(
        "- {id: X1, one: It costs., other: No., claims: [B1, K1]}"
    )
    for name in STUDIES:
        (folder / "studies" / name).symlink_to(ROOT / "studies" / name)
    if ledger:
        (folder / "studies/claims/plots").mkdir(parents=True)
        for name, text, columns in (("claims", CLAIMS, LEDGER), ("cases", CASES, ALL_CASES)):
            table = pd.read_csv(StringIO(text))
            blank = {"int64": 0, "bool": False}
            other = {column: blank.get(kind) for column, kind in columns.items() if column not in table}
            table.assign(**other).to_csv(folder / f"studies/claims/plots/{name}.csv", index=False)
    for stage in ("shown", "report"):
        subprocess.run(
            [sys.executable, "-m", f"stages.{stage}"],
            cwd=folder / "report",
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            check=True,
        )
    return folder / "report/index.html"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("report") / "it", ledger=True)


@pytest.mark.long
def test_the_same_bytes_twice_and_without_a_ledger_a_page_too(page: Path, tmp_path: Path) -> None:
    assert made(tmp_path / "again", ledger=True).read_bytes() == page.read_bytes()
    assert page.stat().st_size < 5e6
    without = made(tmp_path / "without", ledger=False).read_text(encoding="utf-8")
    assert 'id="claims"' not in without
    assert without.count("<figure") == SHOWN


@pytest.mark.long
def test_tables_in_the_page_are_those_in_git(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    held = re.findall(r'download="([^"]+)" href="data:text/plain;base64,([^"]+)"', text)
    assert (
        len(held) == 2 * SHOWN - 6
    )  # of three curves, what tasks cost, and two figures beside published ones there is no LaTeX
    made = {name: base64.b64decode(content).decode() for name, content in held if name in MADE}
    assert made.keys() == MADE
    check_costs(made["costs.csv"])
    check_published(made["konno.published.csv"])
    studies = [ROOT / "studies" / name / "plots/study" for name in STUDIES]
    for name, content in ((name, content) for name, content in held if name not in MADE):
        known = {(study / name).read_bytes() for study in studies if (study / name).is_file()}
        assert base64.b64decode(content) in known
    assert "B1</b> Imbalance costs &amp; hurts." in text
    assert "What 2 sources conclude, each as a test" in text
    row = next(csv.DictReader(CLAIMS.splitlines()))
    assert f"+{float(row['effect']):.2f} (+3.68 to +4.68) pt" in html.unescape(text)
    identifiers = re.findall(r' id="([^"]+)"', text)
    assert len(identifiers) == len(set(identifiers))


def check_costs(text: str) -> None:
    """A table of the page alone has what imbalance costs, by the committed measures."""
    costs = pd.read_csv(StringIO(text)).set_index(["task", "measure", "rho"])
    tasks = {
        "cifar10_step": ("CIFAR-10, small_cifar", (10, 50)),
        "fashion_step": ("Fashion-MNIST, LeNet-5", (10, 50, 100, 1000)),
    }
    for name, (task, ratios) in tasks.items():
        measures = pd.read_csv(ROOT / "studies" / name / "plots/study/measures.csv")
        auc = measures[(measures["measure"] == "auc") & (measures["method"] == "baseline")]
        if "minority" in auc:
            auc = auc[auc["minority"] == "lowest"]
        auc = auc[auc["mu"] == 0.5].groupby("rho")["value"].mean()
        for rho in ratios:
            assert costs.loc[(task, "auc", rho), "mean"] == pytest.approx(auc[rho] - auc[1], abs=1e-6)


def check_published(text: str) -> None:
    """The other has what pseudo-features gain, by the committed measures and by Konno & Iwazume's Table 1."""
    table = pd.read_csv(StringIO(text)).set_index(["measure", "method", "minority_classes"])
    measures = pd.read_csv(ROOT / "studies/konno/plots/study/measures.csv")
    whole = measures[(measures["budget"] == 0.5) & (measures["rule"] == "argmax")]
    accuracy = whole[whole["measure"] == "accuracy"].groupby(["method", "mu"])["value"].mean()
    for count, published in ((1, 0.01), (5, 0.05), (9, 0.03)):  # 81 - 80, 69 - 64, 54 - 51
        row = table.loc[("accuracy", "pseudo_features", count)]
        gain = accuracy["pseudo_features", count / 10] - accuracy["baseline", count / 10]
        assert row["mean"] == pytest.approx(gain, abs=1e-6)
        assert row["published"] == pytest.approx(published)


@needs_browser
@pytest.mark.long
@pytest.mark.parametrize(("width", "dark"), [(400, True), (1280, False)])
def test_it_opens_from_a_file_without_any_request(page: Path, width: int, dark: bool) -> None:
    with browser(width, dark=dark) as driver:
        open_file(driver, page)
        assert driver.execute_script("return document.documentElement.scrollWidth") == width
        ends = (
            "return [...document.querySelectorAll('figure > svg')].filter((each) => each.clientWidth).length"
        )
        assert driver.execute_script(ends) == SHOWN
        broken = "return [...document.links].filter((a) => a.hash && !document.getElementById(a.hash.slice(1))).length"
        assert driver.execute_script(broken) == 0
        blocked = "return getComputedStyle(document.body).backgroundColor"
        assert driver.execute_script(blocked) == ("rgb(21, 24, 28)" if dark else "rgb(255, 255, 255)")
        assert console(driver) == []
        assert requested(driver) == [page.absolute().as_uri()]


@pytest.mark.long
def test_a_ranking_says_of_which_study_and_by_which_measure(page: Path) -> None:
    ranked = page.read_text(encoding="utf-8").partition('<section id="rankings">')[2]
    assert '<h3 id="fashion_catalogue">All methods on Fashion-MNIST</h3>' in ranked
    assert ">balanced accuracy, %</th>" in ranked
    first = (
        (ROOT / "studies/fashion_catalogue/plots/study/ranking.csv").read_text().splitlines()[1].split(",")
    )
    assert f'data-value="{first[2]}">{100 * float(first[2]):.2f}</td>' in ranked
    assert "Methods by their mean rank in balanced accuracy under argmax" in ranked


@needs_browser
@pytest.mark.long
@pytest.mark.parametrize("width", [718, 1040])
def test_on_paper_nothing_is_cut_off(page: Path, width: int) -> None:
    """A4 less its margins, upright and on its side; a sheet cannot scroll a table."""
    wider = "return [...document.querySelectorAll('table, svg')].filter((each) => each.getBoundingClientRect().right > innerWidth + 1).length"
    with browser(width) as driver:
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        open_file(driver, page)
        assert driver.execute_script(wider) == 0
        assert not driver.execute_script("return document.querySelector('td details').offsetHeight")


@needs_browser
@pytest.mark.long
def test_the_ledger_sorts_and_its_policy_refuses_other_scripts(page: Path) -> None:
    order = "return [...document.querySelectorAll('#ledger > tbody > tr')].map((row) => row.id)"
    with browser() as driver:
        open_file(driver, page)
        press = "document.querySelectorAll('#ledger > thead button')[arguments[0]].click()"
        driver.execute_script(press, 3)
        assert driver.execute_script(order) == ["claim-K1", "claim-B1", "claim-B9"]
        driver.execute_script(press, 3)
        assert driver.execute_script(order) == ["claim-B1", "claim-K1", "claim-B9"]
        driver.execute_script(press, 2)
        assert driver.execute_script(order) == ["claim-B1", "claim-K1", "claim-B9"]
        driver.execute_script(
            "const s = document.createElement('script'); s.textContent = 'window.ran = 1'; document.body.append(s)"
        )
        assert driver.execute_script("return window.ran") is None
        assert any("Content Security Policy" in text for _, text in console(driver))


def test_a_contradiction_by_a_claim_that_there_is_not_is_refused() -> None:
    listed = [{"id": "X1", "one": "It costs.", "other": "No.", "claims": ["B1", "B99"]}]
    with pytest.raises(
        InputError, match=r"report/contradictions\.yaml: the ledger has no claim B99; correct it\."
    ):
        contradictions([{"id": "B1"}], listed)
