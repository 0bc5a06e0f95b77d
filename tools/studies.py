"""Write the dvc.yaml of every study from its params.yaml: `make studies`.

python -m tools.studies <folder> ...        writes those of some folders
"""

import sys
from pathlib import Path

from imbalance.config import Study, load_study
from imbalance.disk import replacing
from stages import pipeline, run

STUDIES = Path("studies")


def folders() -> list[Path]:
    """Return the folders of all studies."""
    return sorted(file.parent for file in STUDIES.glob("*/params.yaml"))


def write(study: Study, folder: Path) -> None:
    """Write the pipeline of a study; raises `InputError` if its names do not allow one."""
    pipeline.refuse_clashes(study)
    with replacing(folder / "dvc.yaml") as part:
        part.write_text(pipeline.text(study), encoding="utf-8")


def main(names: list[str]) -> None:
    """Write the pipelines of the named folders, or of all, and print what has changed."""
    for folder in map(Path, names) if names else folders():
        study = load_study(folder / "params.yaml")
        if not study.dimensions:
            continue  # the parameters of a single run
        write(study, folder)
        print(f"{folder}/dvc.yaml: {len(study.conditions)} conditions")


if __name__ == "__main__":
    run(lambda: main(sys.argv[1:]))
