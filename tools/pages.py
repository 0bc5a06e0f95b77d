"""The generated parts of the documentation, made from results and code, so that they never go out of date.

It is called by `make pages`.
"""

import textwrap
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from imbalance.data import tables
from imbalance.disk import replacing
from imbalance.evaluation import schemas
from imbalance.evaluation.statistics import CORRECTED
from imbalance.figures.drawing import span
from imbalance.report.generated import ANSWER, CLAIMS, FINDINGS, RESULTS
from stages import paths, run
from stages.report import answer
from tools import claims_page
from tools.catalogue_page import catalogue_page
from tools.findings import page as findings
from tools.studies import STUDIES

README, CATALOGUE = Path("README.md"), Path("imbalance/methods/README.md")
FEW = "too few distinct replicates"


def results_table(summary: pd.DataFrame, comparisons: pd.DataFrame) -> str:
    """Return a Markdown table of all methods and rules: measures in %, differences, and notes below."""
    measures = summary.set_index(["measure", "method", "rule"])
    against = comparisons.set_index(["measure", "method", "rule"])
    leads = set(summary.loc[summary["leads"], "measure"])
    leading = "balanced_accuracy" if "balanced_accuracy" in leads else "accuracy"
    columns = {"auc": "ROC AUC", leading: leading.replace("_", " "), "minority_recall": "minority recall"}
    lines = [
        f"| method | decision rule | {' | '.join(columns.values())} | over baseline | p (Holm) |",
        "|---|---|---|---|---|---|---|",
    ]
    chosen = summary.loc[summary["measure"] == leading, ["method", "rule"]]
    for method, rule in chosen.itertuples(index=False):
        keys = [("auc", method, "any"), (leading, method, rule), ("minority_recall", method, rule)]
        cells = [_percent(measures, key) for key in keys] + ["", ""]
        if (leading, method, rule) in against.index:
            cells[3:] = _difference(against.loc[(leading, method, rule)])
        lines.append(f"| {' | '.join([method.replace('_', ' '), rule.replace('_', ' '), *cells])} |")
    note = textwrap.fill(" ".join(_notes(summary, comparisons, columns)), 110)
    return "\n".join([*lines, "", note]) + "\n"


def _notes(summary: pd.DataFrame, comparisons: pd.DataFrame, columns: dict[str, str]) -> Iterator[str]:
    """Yield sentences that explain the numbers in the table."""
    shown = summary[summary["measure"].isin(columns)]
    least, most = shown["n"].min(), shown["n"].max()
    if most == 1:
        yield "All in %, of one replicate, so without intervals."
    else:
        counts = (
            f"{most} replicates" if least == most else f"{least} to {most} replicates (stuck ones left out)"
        )
        yield f"All in %: mean ± half-width of the 95 % interval of {counts}, {shown['interval'].iloc[0]}."
        if shown["low"].isna().any():
            yield f"No interval: {FEW}."
        if (shown["cut"] != "none").any():
            yield "Cut: where the measure ends."
    errors = {
        title: span(100 * shown.loc[shown["measure"] == name, "test_error"])
        for name, title in columns.items()
    }
    if any(errors.values()):
        known = (f"{error} ({title})" for title, error in errors.items() if error)
        yield f"The test images alone leave an error of {', '.join(known)}, which the intervals do not cover."
    if len(comparisons) and comparisons["n"].max() > 1:
        compared = comparisons[comparisons["leads"]].groupby("measure")["p_holm"].count()
        several = compared.get([*columns][1], 0)
        test = "corrected resampled" if CORRECTED in shown["interval"].iloc[0] else "paired"
        yield f"Differences are paired by replicate; p is the {test} t-test's, corrected for the number of"
        yield f"comparisons ({several}, Holm); the intervals are not."


def current_table() -> str:
    """Return the results table of the last run."""
    summary, comparisons = (
        tables.read(paths.TABLES / f"{name}.csv", schemas.TABLES[name]) for name in ("summary", "comparisons")
    )
    return results_table(summary, comparisons)


def current_answer() -> str:
    """Return the answer of the studies in six lines, and how many claims have which verdict."""
    lines = "".join(
        textwrap.fill(f"**{lead}** {text}", 118, initial_indent=f"{number}. ", subsequent_indent="   ") + "\n"
        for number, (lead, text) in enumerate(answer(STUDIES), start=1)
    )
    tally = textwrap.fill(claims_page.tally(), 118, break_long_words=False, break_on_hyphens=False)
    return f"{lines}\n{tally}\n"


def _percent(measures: pd.DataFrame, key: tuple[str, str, str]) -> str:
    """Return a measure's mean and interval in %, or "" if the run does not have it."""
    if key not in measures.index:
        return ""
    row = measures.loc[key]
    mean = f"{100 * row['mean']:.2f}"
    if np.isnan(row["low"]):
        return mean if row["n"] == 1 else f"{mean} (no interval)"
    if row["cut"] != "none":
        return f"{mean} ({100 * row['low']:.2f} to {100 * row['high']:.2f}, cut)"
    return f"{mean} ± {100 * (row['high'] - row['mean']):.2f}"


def _difference(row: pd.Series) -> list[str]:
    """Return the difference from the baseline in % points with its interval, and its p-value."""
    difference = f"{100 * row['difference']:+.1f}"
    if np.isnan(row["low"]):
        p = "" if row["n"] == 1 else FEW if np.isnan(row["p_holm"]) else f"{row['p_holm']:.2g}"
        return [difference, p]
    cut = "" if row["cut"] == "none" else ", cut"
    interval = f"({100 * row['low']:+.1f} to {100 * row['high']:+.1f}{cut})"
    return [f"{difference} {interval}", f"{row['p_holm']:.2g}"]


def main() -> None:
    """Write the last run's results, the findings of the studies, the claims, and the page of the methods."""
    ANSWER.write(README, current_answer())
    RESULTS.write(README, current_table())
    CLAIMS.write(claims_page.PAGE, claims_page.current())
    of_studies = {STUDIES / study / "README.md": study for study in findings.FINDINGS}
    for readme, study in of_studies.items():
        FINDINGS.write(readme, findings.page(study))
    with replacing(CATALOGUE) as part:
        part.write_text(catalogue_page(), encoding="utf-8")
    print(f"wrote {', '.join(map(str, (README, claims_page.PAGE, *of_studies, CATALOGUE)))}")


if __name__ == "__main__":
    run(main)
