"""The figures of the report: each of a study's committed tables, wide and narrow."""

from pathlib import Path

import matplotlib.style
import pandas as pd
from matplotlib.figure import Figure

from imbalance.data.tables import read
from imbalance.evaluation import schemas
from imbalance.figures import costs, published, ranking, study, training, variance
from imbalance.figures.drawing import STYLE
from imbalance.report.page import Drawn
from imbalance.report.svg import inlined
from imbalance.studies import konno
from imbalance.studies.costs import by_ratio
from imbalance.studies.ranking import RANKED
from imbalance.studies.variance import SPREAD
from imbalance.studies.words import ACCURACY, AUC, MU, RHO
from stages import draw, paths
from stages.measures import load, of_grid
from stages.shown import ROOT

STUDIES = ROOT / "studies"
PUBLISHED = "published"  # the figure of a study that has another paper's numbers beside ours
DIFFICULTY = "difficulty"  # the figure of several studies
# The figures of the page, and what they are in Buda et al. (2018), or in Konno & Iwazume (2018).
FIGURES = {
    "mnist_step": {
        "auc_over_rho": "Figures 3a-c",
        "auc_over_mu": "Figures 4a-c",
        "accuracy_over_rho": "Figures 6a-c",
        "convergence": "Figure 8, which is of CIFAR-10,",
    },
    "mnist_linear": {"auc_over_rho": "Figure 5a"},
    "mnist_ratio": {"auc_over_ratio": "Figures 7a-b"},
    "cifar10_step": {
        "auc_over_rho": "Figures 3d-f",
        "auc_over_mu": "Figures 4d-f",
        "accuracy_over_rho": "Figures 6d-f",
        "convergence": "Figure 8",
    },
    "cifar10_linear": {"auc_over_rho": "Figure 5b"},
    "konno": {PUBLISHED: "Tables 1-4"},
    "konno_fashion": {PUBLISHED: "Tables 1-4"},
    "hensman_masko": {"convergence": ""},
    "keel": {"auc_over_rho": ""},
    "variance": {"variance": ""},
}
# Studies of step imbalance whose costs are compared, where half of the classes are small.
TASKS = {
    "mnist_step": "MNIST, LeNet-5",
    "fashion_step": "Fashion-MNIST, LeNet-5",
    "cifar10_step": "CIFAR-10, small_cifar",
}
PSEUDO_FEATURES = {"konno": "CIFAR-10, small_cifar", "konno_fashion": "Fashion-MNIST, LeNet-5"}
HALF = 0.5


def drawn(name: str, figure: str, published_as: str = "") -> Drawn:
    """Return a figure of a study, or the one of several studies, as the page shows it."""
    with matplotlib.style.context(["default", STYLE]):
        if figure == DIFFICULTY:
            return of_difficulty()
        if figure == PUBLISHED:
            return of_pseudo_features(name, published_as)
        folder, key = STUDIES / name / paths.STUDY, f"{name}.{figure}"
        wide, narrow = (drawing(folder, figure, narrow) for narrow in (False, True))
        tables = {file.name: file.read_bytes() for file in sorted(folder.glob(f"{figure}.*"))}
        pipeline = f"studies/{name}/dvc.yaml"
        command = f"dvc repro --single-item --force {pipeline}:code {pipeline}:draw"
        return _shown(wide, narrow, key, tables, command, published_as)


def of_difficulty() -> Drawn:
    """Return the figure of what imbalance costs on several tasks (Buda et al. 2018, §4.1)."""
    tables = [
        by_ratio(of_grid(load(STUDIES / name)[0]), HALF, (AUC, ACCURACY)).assign(task=task)
        for name, task in TASKS.items()
        if (STUDIES / name / paths.STUDY).is_dir()
    ]
    table = pd.concat(tables, ignore_index=True)
    condition = f"Step imbalance, {MU} = {HALF:g}; one network and schedule for MNIST and Fashion-MNIST"
    figures = [costs.by_task(table, condition, narrow) for narrow in (False, True)]
    return _made(table, figures, DIFFICULTY, "costs.csv", "")


def of_pseudo_features(name: str, published_as: str) -> Drawn:
    """Return the figure of pseudo-features beside the published numbers."""
    source, _ = load(STUDIES / name)
    table, title = konno.beside(source), "Pseudo-features and other remedies against doing nothing"
    condition = f"{PSEUDO_FEATURES[name]}, {RHO} = {konno.RATIO}"
    figures = [
        published.differences(table, konno.MEASURES, title, condition, narrow) for narrow in (False, True)
    ]
    key = f"{name}.{PUBLISHED}"
    return _made(table, figures, key, f"{key}.csv", published_as)


def _made(table: pd.DataFrame, figures: list[Figure], key: str, file: str, published_as: str) -> Drawn:
    csv = table.to_csv(index=False, float_format="%.6f").encode()
    wide, narrow = figures
    return _shown(wide, narrow, key, {file: csv}, "dvc repro report/dvc.yaml", published_as)


def _shown(
    wide: Figure, narrow: Figure, key: str, tables: dict[str, bytes], command: str, published_as: str
) -> Drawn:
    """Return a figure as the page shows it: its title and note are text."""
    title, *note = wide.get_suptitle().split("\n")
    for each in (wide, narrow):
        each.suptitle("")
    return Drawn(
        key,
        title,
        " ".join(note),
        published_as,
        inlined(wide, key, "wide", title),
        inlined(narrow, key, "narrow", title),
        tables,
        command,
    )


def drawing(folder: Path, name: str, narrow: bool) -> Figure:
    """Draw a figure of a study from its table."""
    covered = read(folder / "summary.csv", {"interval": "str"})["interval"].iloc[0]
    if name == "convergence":
        curves = read(folder / "convergence.csv", schemas.TABLES["convergence"] | {"where": "str"})
        return training.convergence(curves, curves["where"].iloc[0], narrow)
    if name == "ranking":
        ranks = read(folder / "ranking.csv", draw.RANKING)
        summary = read(folder / "summary.csv", schemas.SUMMARY)
        return ranking.means(ranks, summary, RANKED, narrow)
    if name == "variance":
        return variance.by_source(read(folder / f"{name}.csv", SPREAD), narrow)
    measure, _, x = name.partition("_over_")
    table = read(folder / f"{name}.csv", draw.LINES | {x: "float64"})
    return study.lines(table, x, measure, covered, narrow=narrow)
