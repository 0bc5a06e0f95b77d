"""Stage `collect` of a study: its long tables, the tables behind its figures, and its metrics."""

import json
from collections.abc import Iterator

import pandas as pd
from pandas.api.types import is_numeric_dtype

from imbalance.config import Study, load_study
from imbalance.data.tables import read, write
from imbalance.disk import replacing
from imbalance.evaluation import schemas
from imbalance.studies import collect, latex, lines, needed, ranking, variance
from imbalance.studies.collect import Grid
from stages import paths, run, study_paths

COMPARED = ("auc", "accuracy")  # measures whose differences from the baseline are drawn, too
IN_GIT = {
    "replicates": "measures",
    "summary": "summary",
    "comparisons": "comparisons",
}  # and their names there


def main() -> None:
    """plots/tables/<condition> -> plots/study, data/study, metrics/study.json."""
    study = load_study()
    grid = grid_of(study)
    tables = {name: stacked(name, grid) for name in schemas.STACKED}
    for name, table in tables.items():
        write(
            table, paths.STUDY / f"{IN_GIT[name]}.csv" if name in IN_GIT else study_paths.LONG / f"{name}.csv"
        )
    figures = of_figures(study, grid, tables)
    for name, x, table in (each for each in figures if lines.are_in(each[2])):
        write(table, paths.STUDY / f"{name}.csv")
        with replacing(paths.STUDY / f"{name}.tex") as part:
            part.write_text(latex.table(table, x), encoding="utf-8")
    replicates = tables["replicates"][grid.in_grid(tables["replicates"])]
    if grid.is_single and len(study.common.methods) > 1:
        pairs = ranking.pairs(replicates, ranking.RANKED, "argmax", study.common.overlap)
        write(pairs, paths.STUDY / "pairs.csv")
        ranks = ranking.ranking(replicates, ranking.RANKED, "argmax", pairs)
        write(ranks, paths.STUDY / "ranking.csv")
        with replacing(paths.STUDY / "ranking.tex") as part:
            part.write_text(latex.ranks(ranks), encoding="utf-8")
    if study.separates_sources:
        spread = variance.spread(replicates)
        write(spread, paths.STUDY / "variance.csv")
        write(needed.needed(replicates), paths.STUDY / "needed.csv")
        with replacing(paths.STUDY / "variance.tex") as part:
            part.write_text(latex.spread(spread), encoding="utf-8")
    where, curves = lines.strongest(tables["convergence"], grid)
    write(curves.assign(where=where), paths.STUDY / "convergence.csv")
    metrics = collect.headline(tables["summary"], grid)
    with replacing(paths.METRICS / "study.json") as part:
        part.write_text(f"{json.dumps(metrics, indent=2, sort_keys=True)}\n")


def grid_of(study: Study) -> Grid:
    """Return the conditions of a study by the parameters in which they differ."""
    named = set().union(*study.given.values())
    usual = {name: getattr(study.common, name) for name in sorted(named - set(study.dimensions))}
    columns = [*study.dimensions, *usual]
    values = {
        condition: {name: getattr(params, name) for name in columns}
        for condition, params in study.conditions.items()
    }
    return Grid(values, study.dimensions, usual)


def stacked(name: str, grid: Grid) -> pd.DataFrame:
    """Read a table of every condition, and return them as one."""
    file = f"{name}.csv"
    parts = {condition: read(paths.TABLES / condition / file, schemas.TABLES[name]) for condition in grid.of}
    return collect.stacked(parts, grid)


def of_figures(
    study: Study, grid: Grid, tables: dict[str, pd.DataFrame]
) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Yield the name, the parameter on the x-axis, and the lines of each figure that the study allows."""
    summary, comparisons = tables["summary"], tables["comparisons"]
    quantities = [name for name in grid.dimensions if name not in collect.WORDS]
    numbers = [name for name in quantities if is_numeric_dtype(summary[name])]
    for x in (name for name in numbers if len(summary[name].unique()) > 1):
        for measure in collect.DRAWN:
            yield f"{measure}_over_{x}", x, lines.over(x, summary, grid, measure)
        for measure in COMPARED:
            yield f"{measure}_difference_over_{x}", x, lines.differences(x, comparisons, grid, measure)
    ratios = {
        key: (type(method).__module__.rpartition(".")[2], float(method.ratio))
        for key, method in study.common.methods.items()
        if hasattr(method, "ratio")
    }
    if len(set(ratios.values())) > len({kind for kind, _ in ratios.values()}):
        yield "auc_over_ratio", "ratio", lines.over_ratio(summary, grid, ratios, study.common.rho)


if __name__ == "__main__":
    run(main)
