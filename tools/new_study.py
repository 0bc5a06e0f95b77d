"""Start a study: `make new-study NAME=my_study` writes its folder, with the values of `params.yaml`.

`make new-study NAME=my_study DATASET=image_folder` is of another data set than that of `params.yaml`.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

from imbalance.catalogue import suggestion
from imbalance.config import PARAMS, load_params
from imbalance.config.loader import loads
from imbalance.config.study import OWN_FILES, study_of
from imbalance.disk import replacing
from imbalance.errors import InputError
from stages import run
from tools import scale, spans, studies

HEAD = """\
# What does this study ask? What each parameter means is in the main folder's params.yaml. A list of values is
# a dimension of the grid: every method is trained at every combination. A list can be given to imbalance,
# rho, mu, n_max, minority, budget, validation, seed. After another list or method has come: `make studies`.

"""
STUDY = """\

study:
  # Conditions beside the grid, in groups. A condition gives a value to each dimension, like "rho=1,mu=0.5".
  # In those of a group, all methods are trained, or those that `methods` lists, as in
  # balanced: {{conditions: ["rho=1"], methods: [baseline]}}
  beside: {{}}
  # `make scale STUDY={name} SCALE=smoke` replaces the values above by those of a scale.
  scales:
    smoke: {{dataset: digits, network: auto, rho: [2, 10], n_max: 100, replicates: 2, budget: 0.1{smoke}}}
    full: {{{full}}}
"""
GRID = (
    *("dataset", "imbalance", "rho", "mu", "counts", "n_max", "minority", "replicates", "seed", "shared"),
    "budget",
)
SCALED = ("dataset", "network", "rho", "n_max", "replicates", "budget")
REST = (
    *("methods", "rules", "tau", "deployment", "two_classes", "reproducible", "device", "processes", "fleet"),
    *("precision", "protocol", "validation", "network", "image_folder", "csv"),
)
PAGE = """\
# {title}

**Question.** What is asked, in a sentence?

**The grid.** Which conditions, which methods, how many replicates: see params.yaml.

**Run it** from the main folder:

    make check
    make scale STUDY={name} SCALE=smoke
    dvc repro studies/{name}/dvc.yaml

The smoke scale takes minutes, and shows that everything works. Then take the scale full, whose values you
choose, and repeat the last command.

**What was found.** Nothing has been run yet.
"""


def text_of(name: str, text: str, dataset: str) -> str:
    """Return the params.yaml of a study of a data set, by the text of a run's; rho becomes a list of one."""
    values, moved = loads(text, str(PARAMS)), []
    for block, key in OWN_FILES.values():
        if not values.get(block):
            continue
        path = json.dumps(str(Path("../..", values[block][key])), ensure_ascii=False)  # quoted as YAML quotes
        moved.append((spans.entries(text, block)[key], path))
    text = spans.replaced(text, [*moved, (spans.entries(text)["dataset"], dataset)])
    own, recipes = spans.entries(text), spans.entries(text, "recipes")
    lines = {key: spans.block(text, own[key]) for key in (*GRID, *REST) if key in own}
    lines["rho"] = f"rho: [{spans.in_one_line(text, own['rho'])}]"
    here, at_smoke = (
        [f"{key}: {json.dumps(pair[index], ensure_ascii=False)}" for key, pair in _of_classes(values).items()]
        for index in (0, 1)
    )
    full = ", ".join([*(lines[key] for key in SCALED), *here])
    study = STUDY.format(name=name, smoke="".join(f", {value}" for value in at_smoke), full=full)
    of_datasets = [spans.block(text, recipes[key]) for key in dict.fromkeys((dataset, "digits"))]
    indent = " " * recipes[dataset][0].start_mark.column
    return HEAD + "\n".join(
        [
            *(lines[key] for key in GRID if key in lines),
            study,
            *(lines[key] for key in REST if key in lines),
            "recipes:",
            *(indent + each for each in of_datasets),
            "",
        ]
    )


def _of_classes(values: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return the run's values that suit its own classes alone, each with one that suits those of digits."""
    rules = [rule for rule in values["rules"] if rule not in ("deployment", "threshold")]
    pairs = {
        "rules": (values["rules"], rules),
        "deployment": (values.get("deployment"), None),
        "two_classes.positive": (values.get("two_classes", {}).get("positive"), None),
    }
    return {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}


def write(name: str, dataset: str = "", root: Path = Path()) -> list[Path]:
    """Write the files of a new study, of a data set or of that of the run in `root`.

    Raises `InputError` if it exists, or if it would not be valid.
    """
    folder = root / studies.STUDIES / name
    if not re.fullmatch("[a-z][a-z0-9_]*", name):
        raise InputError(f"NAME={name} cannot name a study; use lower-case letters, digits and _.")
    if folder.exists():
        raise InputError(f"there is a study {name} already; edit {folder / PARAMS}, or take another name.")
    file = root / PARAMS
    params = load_params(file)
    if dataset and dataset not in params.recipes:
        raise InputError(f"DATASET={dataset}: {suggestion(dataset, params.recipes)}")
    text = text_of(name, file.read_text(encoding="utf-8"), dataset or params.dataset)
    study = study_of(loads(text, str(folder / PARAMS)), str(folder / PARAMS))
    for each in ("smoke", "full"):
        scale.at_scale(text, each, str(folder / PARAMS))
    title = name.replace("_", " ").capitalize()
    page = PAGE.format(title=title, name=name)
    for path, content in ((folder / PARAMS, text), (folder / "README.md", page)):
        with replacing(path) as part:
            part.write_text(content, encoding="utf-8")
    studies.write(study, folder)
    return [folder / PARAMS, folder / "dvc.yaml", folder / "README.md"]


def main(arguments: list[str]) -> None:
    """Write the files of a new study, and print their names and what comes next."""
    name, dataset = [*arguments, "", ""][:2]
    print("\n".join(f"wrote {path}" for path in write(name, dataset)))
    print(f"Edit the values at its top; `make check`; then `dvc repro studies/{name}/dvc.yaml` runs it.")


if __name__ == "__main__":
    run(lambda: main(sys.argv[1:]))
