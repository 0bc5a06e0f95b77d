"""Check `params.yaml` and those of the studies before DVC does, whose messages say little: `make check`.

python -m tools.check <file> ...        checks other files, such as studies/fashion_catalogue/params.yaml
"""

import sys
from pathlib import Path

from imbalance.config import PARAMS, load_study
from stages import pipeline, run
from tools import cost, scale, studies


def check(path: Path) -> str:
    """Return a summary of the run, or of the study, that a file describes.

    Raises an `InputError` that lists its errors, or those of a scale, or if its dvc.yaml is not its own.
    """
    study = load_study(path)
    if study.dimensions:
        pipeline.check(study, path.with_name("dvc.yaml"))
        text = path.read_text(encoding="utf-8")
        scales = scale.names(text, str(path))
        for name in scales:
            scale.at_scale(text, name, str(path))
        return f"{path} is valid: {'; '.join(cost.shown(study))}; scales: {', '.join(scales) or 'none'}"
    params = study.common
    return (
        f"{path} is valid: {params.dataset}, {params.architecture}; methods: {', '.join(params.methods)}; "
        f"replicates: {params.replicates}"
    )


def main(names: list[str]) -> None:
    """Check each file, or that of the main folder and those of all studies, and print a line about each."""
    for path in map(Path, names) if names else [PARAMS, *(each / PARAMS for each in studies.folders())]:
        print(check(path))


if __name__ == "__main__":
    run(lambda: main(sys.argv[1:]))
