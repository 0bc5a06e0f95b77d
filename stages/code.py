"""Stage `code`: the code that each stage depends on, in data/code/<stage>.json and train/<method>.json.

The other stages depend on code only through these files, so that an edit re-runs exactly the stages whose
code it changes (imbalance/reproducibility/code.py).

python -m stages.code <stage> ...       of these stages alone, in a folder without params.yaml
"""

import json
import sys
from pathlib import Path

from imbalance import networks
from imbalance.config import Study, load_study
from imbalance.disk import replacing
from imbalance.reproducibility import code
from stages import paths, pipeline, run


def main(stages: list[str]) -> None:
    """imbalance, stages -> data/code."""
    if stages:
        files_of = {name: [_script(name)] for name in stages}
    else:
        study = load_study()
        pipeline.check(study, Path("dvc.yaml"))
        files_of = beginnings(study)
    for name, files in files_of.items():
        with replacing(paths.CODE / f"{name}.json") as part:
            part.write_text(f"{json.dumps(code.determining(files), indent=2)}\n")


def beginnings(study: Study) -> dict[str, list[Path]]:
    """Return the files from which each stage's imports are followed: its script, what it loads by name."""
    files = {name: code.file_of(networks.module_of(own.architecture)) for name, own in study.networks.items()}
    last = ["collect", "draw"] if study.dimensions else ["plot"]
    if study.is_advised:
        last.append("advise")
    names = ("list", "download", "subset", "initialize", "evaluate", *last)
    stages = {name: [_script(name)] for name in names}
    stages["initialize"] += files.values()
    trainings = {
        str(Path("train", name, key)): [_script("train"), code.file_of(type(method).__module__), file]
        for name, file in files.items()
        for key, method in study.common.methods.items()
    }
    return stages | trainings


def _script(stage: str) -> Path:
    return Path("stages", f"{stage}.py")


if __name__ == "__main__":
    run(lambda: main(sys.argv[1:]))
