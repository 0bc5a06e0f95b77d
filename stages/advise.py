"""Stage `advise` of a study of one's own data at one condition: which method to use, as a page."""

import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib.style
import pandas as pd

from imbalance.config import Params, Study, load_study
from imbalance.data.tables import read
from imbalance.disk import replacing
from imbalance.evaluation import schemas
from imbalance.figures import advice as figures
from imbalance.figures.drawing import STYLE, label
from imbalance.methods.baseline import Baseline
from imbalance.prediction import RULES
from imbalance.report import advice as words
from imbalance.report.page import render
from imbalance.report.svg import Styles, inlined
from imbalance.studies.advice import NOTABLE, NOTHING, Advice, advise
from imbalance.studies.ranking import RANKED
from imbalance.studies.words import named
from stages import paths, run, study_paths

PAGE = Path("plots/answer.html")
TITLES = {"auc": "ROC AUC"}


def main() -> None:
    """plots/study, data/study -> plots/answer.html."""
    study = load_study()
    params = study.common
    replicates = read(paths.STUDY / "measures.csv", schemas.TABLES["replicates"])
    comparisons = read(paths.STUDY / "comparisons.csv", schemas.TABLES["comparisons"])
    recall = read(study_paths.LONG / "recall.csv", schemas.TABLES["recall"])
    classes = recall.drop_duplicates("class").set_index("class")[["images", "test_images"]]
    advice = advise(replicates, comparisons, classes["test_images"], params.methods, params.overlap)
    answer = list(words.sentences(advice, noun_of(study)))
    page = page_of(study, advice, answer, classes, comparisons["interval"].iloc[0])
    with replacing(PAGE) as part:
        part.write_text(page, encoding="utf-8")
    print("\n".join(answer))
    print(f"The page: {PAGE}.")


def noun_of(study: Study) -> str:
    """Return what the study classifies."""
    return "rows" if study.common.dataset == "csv" else "images"


def page_of(study: Study, advice: Advice, answer: list[str], classes: pd.DataFrame, covered: str) -> str:
    """Return the page of an answer; `covered` says what the intervals cover, with the noun "images"."""
    params, noun, styles = study.common, noun_of(study), Styles()
    summary = read(paths.STUDY / "summary.csv", schemas.SUMMARY)
    names = [words.in_words(each) for each in advice.candidates]
    with matplotlib.style.context(["default", STYLE]):
        wide, narrow = (
            styles.applied(
                inlined(
                    figures.differences(advice.table, names, NOTABLE, kind == "narrow"),
                    *("advice", kind, "Differences from doing nothing"),
                )
            )
            for kind in ("wide", "narrow")
        )
    folder = Path.cwd().relative_to(Path.cwd().parents[1])
    return render(
        "advice.html.jinja",
        styles.sheet(),
        noun=noun,
        answer=answer,
        wide=wide,
        narrow=narrow,
        classes=classes.reset_index().to_dict("records"),
        measures=[TITLES.get(measure, label(measure)) for measure in shown_measures(summary)],
        methods=[
            (named(key), meaning(each)) for key, each in params.methods.items() if key != NOTHING.method
        ],
        rows=list(rows_of(summary, advice)),
        covered=covered.replace("images", noun),
        repeated=params.overlap > 0,
        notable=words.SMALLEST,
        architecture=params.architecture,
        replicates=params.replicates,
        command=f"dvc repro {folder}/dvc.yaml",
        predict=predict(folder, study, advice),
    )


def predict(folder: Path, study: Study, advice: Advice) -> str:
    """Return the sentence with the command that classifies as the answer says, or why there is none."""
    ((condition, params),) = study.conditions.items()
    method, rule = advice.best if advice.verdict == "use" else NOTHING
    if params.dataset == "csv":
        return "No command classifies new rows: `tools.predict` reads images alone."
    if rule not in RULES:
        return f"No command classifies new images by the rule {rule}: `tools.predict` has {', '.join(RULES)}."
    held_out = params.recipe.held_out(params.methods[method].validation, params.validation)
    if rule == "deployment" and len(params.deployment or ()) == 2 and held_out:
        return (
            "No command classifies new images by the rule deployment as here, where held-out images "
            "calibrate the probabilities: `tools.predict` takes them as they are."
        )
    models = folder / paths.MODELS / condition / method
    return f"To classify new images: `{shlex.join(command(models, params, rule))}`."


def command(models: Path, params: Params, rule: str) -> Iterator[str]:
    """Yield the words of the command that classifies new images by these networks and a rule."""
    yield from ("python", "-m", "tools.predict", str(models), "FOLDER", "-o", "predictions.csv")
    if params.image_folder.color == "grey":
        yield "--grey"
    if params.image_folder.bits != "auto":
        yield from ("--bits", str(params.image_folder.bits))
    if rule != NOTHING.rule:
        yield from ("--rule", rule)
    if rule == "deployment" and params.deployment:
        yield "--prior"
        yield from (f"{name}={share}" for name, share in params.deployment.items())


def rows_of(summary: pd.DataFrame, advice: Advice) -> Iterator[dict[str, Any]]:
    """Yield a row of the page's table for each candidate and for doing nothing, the highest mean first."""
    means = summary.set_index(["method", "rule", "measure"])["mean"]
    gains = dict(zip(advice.candidates, advice.table.to_dict("records"), strict=True))
    for candidate in sorted([*gains, NOTHING], key=lambda each: -means[(*each, RANKED)]):
        row = gains.get(candidate)
        yield {
            "name": words.in_words(candidate),
            "means": [
                means[candidate.method, "any" if measure == "auc" else candidate.rule, measure]
                for measure in shown_measures(summary)
            ],
            "gain": words.points(words.effect(row)) if row else "",
            "p_holm": row["p_holm"] if row else None,
        }


def meaning(method: Baseline) -> str:
    """Return what a method does, and who says so: the first sentence of its file."""
    return str(sys.modules[type(method).__module__].__doc__).partition("\n")[0]


def shown_measures(summary: pd.DataFrame) -> list[str]:
    """Return the measures of the page's table: of two classes, those of a diagnostic test."""
    known = set(summary["measure"])
    some = [("sensitivity", "specificity"), ("minority_recall", "worst_recall"), ("worst_recall",)]
    return [RANKED, *next(each for each in some if known.issuperset(each)), "auc"]


if __name__ == "__main__":
    run(main)
