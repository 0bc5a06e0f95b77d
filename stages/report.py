"""Stage `report`: one page with what the studies found, index.html, from the files in data/shown.json."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib.style
import pandas as pd
import yaml
from matplotlib.figure import Figure

from imbalance.data.tables import read
from imbalance.disk import replacing
from imbalance.errors import InputError
from imbalance.evaluation import schemas
from imbalance.figures import costs, published, ranking, study, training, variance
from imbalance.figures.drawing import STYLE, label
from imbalance.report import ledger
from imbalance.report.answer import QUESTION, lines
from imbalance.report.page import Drawn, Ranking, Study, render
from imbalance.report.svg import Styles, inlined
from imbalance.studies import konno
from imbalance.studies.claims.columns import CASES, LEDGER, read_filled
from imbalance.studies.claims.ledger import VERDICTS
from imbalance.studies.contrasts import Source
from imbalance.studies.costs import by_ratio
from imbalance.studies.ranking import RANKED
from imbalance.studies.variance import SPREAD
from imbalance.studies.words import MU, RHO
from stages import draw, paths, run
from stages.measures import load
from stages.shown import ROOT, SHOWN

STUDIES = ROOT / "studies"
PUBLISHED = "published"  # the figure of a study that has another paper's numbers beside ours
ANSWERS, HARDER = "mnist_step", "cifar10_step"  # the studies that the answer is taken from
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
    "variance": {"variance": ""},
}
# Studies of step imbalance whose costs are compared, where half of the classes are small.
TASKS = {"mnist_step": "MNIST, LeNet-5", "cifar10_step": "CIFAR-10, small_cifar"}
HALF = 0.5
COSTS = (("auc", "any"), ("accuracy", "argmax"))


def main() -> None:
    """data/shown.json, and the files that it names -> index.html."""
    files, styles = json.loads(SHOWN.read_text(encoding="utf-8")), Styles()
    run_yet = [name for name in FIGURES if (STUDIES / name / paths.STUDY).is_dir()]
    with matplotlib.style.context(["default", STYLE]):
        studies = [of_study(name, FIGURES[name], styles) for name in run_yet]
        ranked = sorted(STUDIES.glob(f"*/{paths.STUDY}/ranking.csv"))
        rankings = [of_ranking(file.parents[2].name, styles) for file in ranked]
        difficulty = of_difficulty(styles)
    claims = of_claims()
    parts: list[Study | Ranking] = [*studies, *rankings]
    page = render(
        "page.html.jinja",
        styles.sheet(),
        question=QUESTION,
        answer=answer(STUDIES),
        answered_by=(
            "Means over the replicates, in lines 1 to 5 of LeNet-5 on MNIST, in % points. Better or worse: "
            "the whole 95 % interval is. ρ: how many times more images a majority class has; μ: the share of "
            "minority classes."
        ),
        claims=claims,
        verdicts=VERDICTS,
        tally=ledger.tally(claims),
        contradictions=ledger.contradictions(
            claims, yaml.safe_load(Path("contradictions.yaml").read_text(encoding="utf-8"))
        ),
        studies=studies,
        difficulty=difficulty,
        rankings=rankings,
        checked={one.title: said for one in parts if (said := checked(STUDIES / one.name / "README.md"))},
        files=files,
    )
    with replacing(Path("index.html")) as part:
        part.write_text(page, encoding="utf-8")
    print("The report: report/index.html.")


def answer(studies: Path) -> list[tuple[str, str]]:
    """Return the lines of the answer, by two studies in the folder `studies`."""
    source, full = load(studies / ANSWERS)
    if full is None:
        raise InputError(f"{ANSWERS} has no condition at the full schedule, which the answer needs.")
    return list(lines(source, full, of_grid(studies / HARDER)))


def of_study(name: str, figures: dict[str, str], styles: Styles) -> Study:
    """Return a study of the page, its words from its README and its figures from its tables."""
    text = (STUDIES / name / "README.md").read_text(encoding="utf-8")
    heading, question = text.split("\n\n")[:2]
    findings = re.findall(r"^- (.*(?:\n  .*)*)", text.partition("findings: make pages -->")[2], re.MULTILINE)
    drawn = [_drawn(name, figure, published, styles) for figure, published in figures.items()]
    others = sorted({file.stem for file in (STUDIES / name / paths.FIGURES).glob("*.png")} - set(figures))
    return Study(
        name,
        heading.removeprefix("# "),
        " ".join(question.split()),
        [" ".join(finding.split()) for finding in findings],
        drawn,
        [f"studies/{name}/{paths.FIGURES}/{other}.png" for other in others],
    )


def of_ranking(name: str, styles: Styles) -> Ranking:
    """Return the ranking of the methods in a study of one condition."""
    heading = (STUDIES / name / "README.md").read_text(encoding="utf-8").partition("\n")[0]
    rows = read(STUDIES / name / paths.STUDY / "ranking.csv", draw.RANKING).to_dict("records")
    figure = _drawn(name, "ranking", "", styles)
    return Ranking(name, heading.removeprefix("# "), label(RANKED), rows, figure)


def of_grid(folder: Path) -> Source:
    """Return a study's measures without those of other minority classes than the grid's."""
    source, _ = load(folder)
    return source.where(minority="lowest") if "minority" in source.measures else source


def of_difficulty(styles: Styles) -> Drawn:
    """Return the figure of what imbalance costs on several tasks (Buda et al. 2018, §4.1)."""
    tables = [
        by_ratio(of_grid(STUDIES / name), HALF, COSTS).assign(task=task) for name, task in TASKS.items()
    ]
    table = pd.concat(tables, ignore_index=True)
    condition = f"Step imbalance, {MU} = {HALF:g}; each task has its own network and schedule"
    figures = [costs.by_task(table, condition, narrow) for narrow in (False, True)]
    return _made(table, figures, "difficulty", "costs.csv", styles, "")


def of_pseudo_features(name: str, published_as: str, styles: Styles) -> Drawn:
    """Return the figure of pseudo-features beside the published numbers."""
    source, _ = load(STUDIES / name)
    table, title = konno.beside(source), "Pseudo-features and other remedies against doing nothing"
    condition = f"CIFAR-10, {RHO} = {konno.RATIO}"
    figures = [
        published.differences(table, konno.MEASURES, title, condition, narrow) for narrow in (False, True)
    ]
    return _made(table, figures, f"{name}.{PUBLISHED}", f"{PUBLISHED}.csv", styles, published_as)


def _made(
    table: pd.DataFrame, figures: list[Figure], key: str, file: str, styles: Styles, published_as: str
) -> Drawn:
    csv = table.to_csv(index=False, float_format="%.6f").encode()
    wide, narrow = figures
    return _shown(wide, narrow, key, {file: csv}, "dvc repro report/dvc.yaml", styles, published_as)


def _drawn(name: str, figure: str, published_as: str, styles: Styles) -> Drawn:
    if figure == PUBLISHED:
        return of_pseudo_features(name, published_as, styles)
    folder, key = STUDIES / name / paths.STUDY, f"{name}.{figure}"
    wide, narrow = (drawing(folder, figure, narrow) for narrow in (False, True))
    tables = {file.name: file.read_bytes() for file in sorted(folder.glob(f"{figure}.*"))}
    pipeline = f"studies/{name}/dvc.yaml"
    command = f"dvc repro --single-item --force {pipeline}:code {pipeline}:draw"
    return _shown(wide, narrow, key, tables, command, styles, published_as)


def _shown(
    wide: Figure,
    narrow: Figure,
    key: str,
    tables: dict[str, bytes],
    command: str,
    styles: Styles,
    published_as: str,
) -> Drawn:
    """Return a figure as the page shows it: its title and note are text."""
    title, *note = wide.get_suptitle().split("\n")
    for drawn in (wide, narrow):
        drawn.suptitle("")
    return Drawn(
        key,
        title,
        " ".join(note),
        published_as,
        inlined(wide, key, "wide", title, styles),
        inlined(narrow, key, "narrow", title, styles),
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


def of_claims() -> list[dict[str, Any]]:
    """Return the claims of the ledger, each with the keys of its figures; none if there is no ledger yet."""
    folder = STUDIES / "claims/plots"
    if not (folder / "claims.csv").is_file():
        return []
    claims = ledger.rows(read_filled(folder / "claims.csv", LEDGER), read_filled(folder / "cases.csv", CASES))
    return [row | {"figures": list(figures_of(row))} for row in claims]


def figures_of(row: dict[str, Any]) -> Iterator[str]:
    """Yield the keys of a claim's figures: those that its place names, or else the first of each study."""
    numbers = set(re.findall(r"\d+", " ".join(re.findall(r"Fig(?:s?\.|ures?) ([\d, a-z-]+)", row["place"]))))
    for name in filter(None, row["studies"].split(", ")):
        figures = FIGURES.get(name, {})
        named = [key for key, published in figures.items() if numbers & set(re.findall(r"\d+", published))]
        yield from (f"{name}.{key}" for key in named or list(figures)[:1])


def checked(readme: Path) -> str:
    """Return what a study's README says of when its cells were trained, and sampled again since."""
    part = readme.read_text(encoding="utf-8").partition("checked: make recheck -->")[2].partition("<!--")[0]
    return " ".join(part.replace("`", "").split())


if __name__ == "__main__":
    run(main)
