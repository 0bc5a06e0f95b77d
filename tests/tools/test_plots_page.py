"""`dvc plots` draws every plot without a network, here of the committed results."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from selenium.webdriver.support.wait import WebDriverWait

from tests.browser import browser, console, needs_browser, open_file, requested
from tests.repository import copy_of_working_tree, dvc_in

pytest.importorskip("vl_convert", reason="Vega's code is not installed: `make` installs it")
pytestmark = [needs_browser, pytest.mark.long]

# How many marks each plot has: lines, points, bars, areas.
MARKS = """
return Object.fromEntries([...document.querySelectorAll(".vega-embed")].map((place) => [place.id, place
  .querySelectorAll(".mark-line path, .mark-symbol path, .mark-rect path, .mark-area path").length]))
"""


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone in which the page of the plots is installed."""
    folder = tmp_path_factory.mktemp("plots")
    copy_of_working_tree(folder)
    subprocess.run([sys.executable, "-m", "tools.plots_page"], cwd=folder, check=True)
    return folder


def declared(folder: Path) -> list[str]:
    """The tables that a pipeline declares as plots, and that are there."""
    pipeline = yaml.safe_load((folder / "dvc.yaml").read_text())
    lists = [stage.get("plots", []) for stage in (*pipeline["stages"].values(), pipeline)]
    paths = [path for plots in lists for plot in plots if isinstance(plot, dict) for path in plot]
    return [path for path in paths if path.endswith(".csv") and (folder / path).is_file()]


def drawn(page: Path) -> dict[str, int]:
    """Open the page of the plots without a network; return how many marks each plot has, by its id."""
    with browser() as driver:
        open_file(driver, page)
        WebDriverWait(driver, 20).until(lambda ready: all((ready.execute_script(MARKS) or {"": 0}).values()))
        images = "return [...document.images].map((image) => image.naturalWidth)"
        assert all(driver.execute_script(images))
        assert [message for level, message in console(driver) if level == "SEVERE"] == []
        assert {address.partition(":")[0] for address in requested(driver)} == {"file"}
        marks: dict[str, int] = driver.execute_script(MARKS)
    return marks


@pytest.mark.parametrize("study", ["", "studies/mnist_step", "studies/mnist_ratio"])
def test_every_plot_is_drawn(study: str, repository: Path) -> None:
    tables = declared(repository / study)
    assert len(tables) >= 3
    targets = (
        [f"{study}/dvc.yaml"] if study else tables
    )  # DVC draws the main folder's dvc.yaml itself as a table
    dvc_in(repository)("plots", "show", *targets)
    marks = drawn(repository / "dvc_plots/index.html")
    assert len(marks) == len(tables)
    assert min(marks.values()) >= 5


def test_a_change_is_drawn_beside_what_it_was(repository: Path) -> None:
    table = repository / "plots/tables/recall.csv"
    before = table.read_text()
    table.write_text(before.replace("oversampling", "another"))
    dvc_in(repository)("plots", "diff", "HEAD", "--targets", "plots/tables/recall.csv")
    page = repository / "dvc_plots/index.html"
    table.write_text(before)
    assert min(drawn(page).values()) >= 5
    assert '"another"' in page.read_text()
    assert '"rev": "HEAD"' in page.read_text()
