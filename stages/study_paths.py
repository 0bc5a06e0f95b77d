"""The paths that only a study has, as named in its dvc.yaml; the others are those of a run."""

from pathlib import Path

TABLES = Path("data/tables")  # <condition>/<name>.csv: what a study has no figure of
LONG = Path("data/study")  # <name>.csv: the long tables that are not in Git
