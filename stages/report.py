"""Stage `report`: one page with what the studies found, index.html, from the files in data/shown.json."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from joblib import cpu_count

from imbalance.data.tables import read
from imbalance.disk import replacing
from imbalance.errors import InputError
from imbalance.figures.drawing import label
from imbalance.report import ledger
from imbalance.report.answer import QUESTION, lines
from imbalance.report.generated import CHECKED, FINDINGS
from imbalance.report.page import Drawn, Ranking, Study, render
from imbalance.report.svg import Styles
from imbalance.running.parallel import run_here
from imbalance.studies.claims.columns import CASES, LEDGER, read_filled
from imbalance.studies.claims.ledger import VERDICTS
from imbalance.studies.ranking import RANKED
from stages import draw, paths, run
from stages.measures import load, of_grid
from stages.report_figures import DIFFICULTY, FIGURES, STUDIES, drawn
from stages.shown import SHOWN

ANSWERS, HARDER = "mnist_step", "cifar10_step"  # the studies that the answer is taken from


def main() -> None:
    """data/shown.json, and the files that it names -> index.html."""
    files, styles = json.loads(SHOWN.read_text(encoding="utf-8")), Styles()
    run_yet = [name for name in FIGURES if (STUDIES / name / paths.STUDY).is_dir()]
    ranked = [file.parents[2].name for file in sorted(STUDIES.glob(f"*/{paths.STUDY}/ranking.csv"))]
    of_studies = [(name, figure, as_) for name in run_yet for figure, as_ in FIGURES[name].items()]
    shown = [*of_studies, *((name, "ranking", "") for name in ranked), ("", DIFFICULTY, "")]
    figures = {figure.key: styled(figure, styles) for figure in run_here(drawn, shown, cpu_count())}
    studies = [of_study(name, figures) for name in run_yet]
    rankings = [of_ranking(name, figures[f"{name}.ranking"]) for name in ranked]
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
        difficulty=figures[DIFFICULTY],
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
    return list(lines(source, full, of_grid(load(studies / HARDER)[0])))


def styled(figure: Drawn, styles: Styles) -> Drawn:
    """Return a figure whose styles are classes of the page."""
    return replace(figure, wide=styles.applied(figure.wide), narrow=styles.applied(figure.narrow))


def of_study(name: str, figures: Mapping[str, Drawn]) -> Study:
    """Return a study of the page, its words from its README and its figures from its tables."""
    readme = STUDIES / name / "README.md"
    heading, question = readme.read_text(encoding="utf-8").split("\n\n")[:2]
    others = {file.stem for file in (STUDIES / name / paths.STUDY).glob("*_over_*.csv")} - set(FIGURES[name])
    return Study(
        name,
        heading.removeprefix("# "),
        without_links(" ".join(question.split())),
        findings(readme),
        [figures[f"{name}.{figure}"] for figure in FIGURES[name]],
        [f"studies/{name}/{paths.FIGURES}/{other}.png" for other in sorted(others)],
    )


def without_links(markdown: str) -> str:
    """Return a text with the words of its links alone, as their addresses are of the repository."""
    return re.sub(r"\[([^]]+)\]\([^)]+\)", r"\1", markdown)


def findings(readme: Path) -> list[str]:
    """Return the generated findings of a study's README.md, each on a line of its own."""
    generated = FINDINGS.within(readme) or ""
    return [" ".join(found.split()) for found in re.findall(r"^- (.*(?:\n  .*)*)", generated, re.MULTILINE)]


def of_ranking(name: str, figure: Drawn) -> Ranking:
    """Return the ranking of the methods in a study of one condition."""
    heading = (STUDIES / name / "README.md").read_text(encoding="utf-8").partition("\n")[0]
    rows = read(STUDIES / name / paths.STUDY / "ranking.csv", draw.RANKING).to_dict("records")
    return Ranking(name, heading.removeprefix("# "), label(RANKED), rows, figure)


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
    said = (CHECKED.within(readme) or "").partition("<!--")[0]
    return " ".join(said.replace("`", "").split())


if __name__ == "__main__":
    run(main)
