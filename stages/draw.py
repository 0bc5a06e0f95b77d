"""Stage `draw` of a study, its last: draw its figures from the tables behind them, and print the results."""

from collections.abc import Iterator

import matplotlib.style
from matplotlib.figure import Figure

from imbalance.data.tables import read
from imbalance.evaluation import schemas
from imbalance.figures import ranking, study, training, variance
from imbalance.figures.drawing import STYLE
from imbalance.studies.ranking import ALPHA, RANKED
from imbalance.studies.variance import SPREAD
from stages import paths, run
from stages.plot import save

RANKING = schemas.of_names("method n mean rank better_than worse_than")
PAIRS = schemas.of_names("method other n difference low high cut p p_holm")
LINES = schemas.of_names("panel line rule beside n mean low high")


def main() -> None:
    """plots/study/<name>.csv -> plots/figures/<name>.png, plots/svg/<name>.svg."""
    covered = read(paths.STUDY / "summary.csv", {"interval": "str"})["interval"].iloc[0]
    # Starting from the defaults, so that a user's matplotlibrc does not change the bytes.
    with matplotlib.style.context(["default", STYLE]):
        for name, figure in draw(covered):
            save(figure, name)
    print(f"Figures: {paths.FIGURES}/*.png. Tables, and each figure's as LaTeX: {paths.STUDY}/*.")


def draw(covered: str) -> Iterator[tuple[str, Figure]]:
    """Yield the figures by name; their intervals are over what `covered` says."""
    for file in sorted(paths.STUDY.glob("*_over_*.csv")):
        measure, _, x = file.stem.partition("_over_")
        table = read(file, LINES | {x: "float64"})
        plain = measure.removesuffix("_difference")
        yield file.stem, study.lines(table, x, plain, covered, difference=measure != plain)
    if (file := paths.STUDY / "ranking.csv").is_file():
        ranks, pairs = read(file, RANKING), read(paths.STUDY / "pairs.csv", PAIRS)
        summary = read(paths.STUDY / "summary.csv", schemas.SUMMARY)
        yield "ranking", ranking.ranked(ranks, pairs, summary, RANKED, ALPHA)
    if (file := paths.STUDY / "variance.csv").is_file():
        yield "variance", variance.by_source(read(file, SPREAD))
    curves = read(paths.STUDY / "convergence.csv", schemas.TABLES["convergence"] | {"where": "str"})
    where = curves["where"].iloc[0].replace(" = ", "\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}")
    yield "convergence", training.convergence(curves, where)
    if curves["minority_test_recall"].notna().any():
        yield "minority_gap", training.minority_gap(curves, where)


if __name__ == "__main__":
    run(main)
