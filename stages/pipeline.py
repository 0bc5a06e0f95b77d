"""The pipeline of a study: its dvc.yaml, one text for all studies, which only their params.yaml varies.

DVC's `matrix` makes the stages from the lists of params.yaml, so that a value more needs no other text. But
it cannot look up what a method starts from, nor name a stage by a mapping. So each group of methods with a
common start has a group of stages, and `make studies` writes them.
"""

from collections.abc import Iterator
from pathlib import Path

import yaml

from imbalance.config import Study
from imbalance.config.conditions import VARIED
from imbalance.config.study import OWN_FILES
from imbalance.errors import InputError
from imbalance.studies.collect import DRAWN, WORDS

RUN = "PYTHONPATH=../.. python -m stages"
SUBSET = ("imbalance", "rho", "mu", "counts", "n_max", "minority", "replicates", "seed")
TRAINING = (
    *("network", "budget", "protocol", "validation", "seed", "reproducible"),
    *("device", "processes", "fleet", "precision"),
)
ASKED = ("two_classes", "deployment")  # parameters of evaluation that not every study has
HEAD = """\
# Written by `make studies` from params.yaml (stages/pipeline.py). It changes only if another parameter
# becomes a list or ceases to be one, or if there are other methods or groups of conditions beside the grid.
#
# code -> download -> subset, initialize -> train, train_from_<start> -> evaluate -> collect -> draw
# One cell of the matrix is a method at a condition, with the networks of all replicates.
"""


def check(study: Study, file: Path) -> None:
    """Raise an `InputError` if the dvc.yaml of a study is missing, or not the one that params.yaml gives."""
    if not study.dimensions:
        return
    if not file.is_file():
        raise InputError(f"there is no {file}; run `make studies` in the main folder, then this again.")
    if file.read_text(encoding="utf-8") != text(study):
        raise InputError(
            f"{file} has other stages than params.yaml asks for (a method more, or another list); "
            "run `make studies` in the main folder, then this again."
        )


def refuse_clashes(study: Study) -> None:
    """Raise an `InputError` if two groups of a study's stages would have one name."""
    names = [name for name, _ in _stages(study)]
    for index, name in enumerate(names):
        if name in names[:index]:
            raise InputError(f"two groups of stages would be named {name}; rename a group of study.beside.")


def text(study: Study) -> str:
    """Return the text of a study's dvc.yaml."""
    pipeline = {
        "stages": dict(_stages(study)),
        "metrics": ["metrics/study.json"],
        "plots": ["plots/figures", *_plots(study)],
    }
    return HEAD + yaml.dump(pipeline, Dumper=_Dumper, sort_keys=False, width=1000, default_flow_style=None)


class _Dumper(yaml.SafeDumper):
    """Writes repeated lists as such, not as aliases."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _stages(study: Study) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield the stages, and groups of stages, by name."""
    own = ".".join(OWN_FILES.get(study.common.dataset, ()))
    varied = set().union(*study.given.values())
    in_names = [name for name in VARIED if name not in ("network", "seed") or name in varied]
    yield (
        "code",
        {
            "cmd": f"{RUN}.code",
            "deps": ["../../imbalance", "../../stages", "params.yaml"],
            "outs": ["data/code"],
        },
    )
    if own:
        yield (
            "list",
            {
                "cmd": f"{RUN}.list",
                "deps": ["data/code/list.json", f"${{{own}}}"],
                "params": ["dataset", own],
                "outs": ["data/listing.txt"],
            },
        )
    yield (
        "download",
        {
            "cmd": f"{RUN}.download",
            "deps": ["data/code/download.json", *(["data/listing.txt"] if own else [])],
            "params": ["dataset", *([study.common.dataset] if own else [])],
            "outs": ["data/raw/${dataset}"],
        },
    )
    yield (
        "subset",
        {
            "cmd": f"{RUN}.subset",
            "deps": ["data/code/subset.json", "data/raw/${dataset}"],
            "params": [
                *dict.fromkeys([*SUBSET, *_asked(study, ("shared",)), *study.dimensions]),
                "study.beside",
            ],
            "outs": ["data/subset"],
        },
    )
    yield (
        "initialize",
        {
            "cmd": f"{RUN}.initialize",
            "deps": ["data/code/initialize.json", "data/raw/${dataset}"],
            "params": ["network", "recipes.${dataset}", "replicates", "seed"],
            "outs": ["models/initial"],
        },
    )
    grid = {name: f"${{{name}}}" for name in study.dimensions}
    named = ",".join(f"{name}=${{item.{name}}}" for name in study.dimensions)
    everything = study.common.methods
    yield from _of_group(study, "", grid, named, tuple(everything), study.dimensions)
    for group, beside in study.beside.items():
        matrix = {"condition": f"${{study.beside.{group}.conditions}}"}
        given = [set(study.given[name]) for name in beside.conditions]
        fixed = tuple(name for name in VARIED if given and all(name in keys for keys in given))
        methods = beside.methods or tuple(everything)
        yield from _of_group(study, f"_{group}", matrix, "${item.condition}", methods, fixed)
    yield (
        "collect",
        {
            "cmd": f"{RUN}.collect",
            "deps": ["data/code/collect.json", "plots/tables"],
            "params": [
                *in_names,
                "study.beside",
                "methods",
                "rules",
                *([study.common.dataset] if own else []),
            ],
            "outs": [
                "data/study",
                {"plots/study": {"cache": False}},
                {"metrics/study.json": {"cache": False}},
            ],
        },
    )
    yield (
        "draw",
        {
            "cmd": f"{RUN}.draw",
            "deps": ["data/code/draw.json", "plots/study"],
            "outs": ["plots/svg", {"plots/figures": {"cache": False}}],
        },
    )
    if study.is_advised:
        yield (
            "advise",
            {
                "cmd": f"{RUN}.advise",
                "deps": ["data/code/advise.json", "plots/study", "data/study"],
                "params": ["network", "replicates", study.common.dataset],
                "outs": ["plots/answer.html"],
            },
        )


def _asked(study: Study, names: tuple[str, ...]) -> list[str]:
    """Return those of the names that a study's params.yaml gives; DVC refuses a parameter that it lacks."""
    return [name for name in names if name in study.common.model_fields_set]


def _plots(study: Study) -> Iterator[dict[str, dict[str, str]]]:
    """Yield the tables that `dvc plots` draws; those that a study does not have are passed over."""
    for x in (*(name for name in study.dimensions if name not in WORDS), "ratio"):
        for measure in DRAWN if x != "ratio" else ("auc",):
            title = f"{measure} over {x}".replace("_", " ")
            shown = {"template": "lines" if x == "mu" else "lines_log", "x": x, "y": "mean", "title": title}
            yield {f"plots/study/{measure}_over_{x}.csv": shown}


def _of_group(
    study: Study,
    suffix: str,
    matrix: dict[str, str],
    condition: str,
    methods: tuple[str, ...],
    fixed: tuple[str, ...],
) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield the trainings and the evaluation of a group of conditions, whose names give `fixed` values."""
    params = [name for name in TRAINING if name not in fixed]
    network = "${item.network}" if "network" in fixed else ""
    recipe = ".".join(filter(None, ("recipes", "${dataset}", network)))
    starts: dict[str, list[str]] = {}
    for key in methods:
        starts.setdefault(study.common.methods[key].start, []).append(key)
    for start, keys in starts.items():
        name = "train" if start == "initial" else f"train_from_{start}"
        folder = Path("models", start, network) if start == "initial" else Path("models", condition, start)
        yield (
            f"{name}{suffix}",
            {
                "matrix": matrix | {"method": keys},
                "cmd": f"{RUN}.train ${{item.method}} {condition}",
                "deps": [
                    f"{Path('data/code/train', network)}/${{item.method}}.json",
                    "data/raw/${dataset}",
                    f"data/subset/{condition}",
                    folder.as_posix(),
                ],
                "params": ["methods.${item.method}", recipe, *params],
                "outs": [
                    f"models/{condition}/${{item.method}}",
                    f"data/predictions/{condition}/${{item.method}}",
                ],
            },
        )
    yield (
        f"evaluate{suffix}",
        {
            "matrix": matrix,
            "cmd": f"{RUN}.evaluate {condition}",
            "deps": [
                "data/code/evaluate.json",
                "data/raw/${dataset}",
                f"data/subset/{condition}",
                f"data/predictions/{condition}",
            ],
            "params": ["methods", "rules", "tau", *_asked(study, ASKED)],
            "outs": [f"data/tables/{condition}", {f"plots/tables/{condition}": {"cache": False}}],
        },
    )
