"""The measures of a study, read from its folder."""

from pathlib import Path

import pandas as pd

from imbalance.config import PARAMS, load_study
from imbalance.data.tables import read
from imbalance.studies.contrasts import Source
from stages import paths


def load(folder: Path) -> tuple[Source, Source | None]:
    """Read a study's measures: those of the grid's schedule, and those of the full one if there are any."""
    params = load_study(folder / PARAMS).common
    file = folder / paths.STUDY / "measures.csv"
    texts = ("method", "rule", "measure", "network", "imbalance", "minority")
    names = pd.read_csv(file, nrows=0).columns
    source = Source(read(file, {name: "str" if name in texts else "float64" for name in names}))
    if "budget" not in names:
        return source, None
    full = source.where(budget=1)
    return source.where(budget=params.budget), full if full.methods else None


def of_grid(source: Source) -> Source:
    """Return a study's measures without those of other minority classes than the grid's."""
    return source.where(minority="lowest") if "minority" in source.measures else source
