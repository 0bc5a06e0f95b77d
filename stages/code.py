"""Stage `code`: the code that each stage depends on, in data/code/<stage>.json and train/<method>.json.

The other stages depend on code only through these files, so that an edit re-runs exactly the stages whose
code it changes (imbalance/reproducibility/code.py).
"""

import json
from pathlib import Path

from imbalance.config import Study, load_study
from imbalance.disk import replacing
from imbalance.reproducibility import code
from stages import paths, pipeline, run


def main() -> None:
    """imbalance, stages -> data/code."""
    study = load_study()
    pipeline.check(study, Path("dvc.yaml"))
    for name, files in beginnings(study).items():
        with replacing(paths.CODE / f"{name}.json") as part:
            part.write_text(f"{json.dumps(code.determining(files), indent=2)}\n")


def beginnings(study: Study) -> dict[str, list[Path]]:
    """Return the files from which each stage's imports are followed: its script, what it loads by name."""
    params = study.common
    network = code.file_of(f"imbalance.networks.{params.architecture}")
    last = ("collect", "draw") if study.dimensions else ("plot",)
    names = ("list", "download", "subset", "initialize", "evaluate", *last)
    stages = {name: [_script(name)] for name in names}
    stages["initialize"].append(network)
    trainings = {
        f"train/{key}": [_script("train"), code.file_of(type(method).__module__), network]
        for key, method in params.methods.items()
    }
    return stages | trainings


def _script(stage: str) -> Path:
    return Path("stages", f"{stage}.py")


if __name__ == "__main__":
    run(main)
