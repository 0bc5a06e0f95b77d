"""Which stages an edit re-runs, and that a stage runs no code that it does not depend on."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from imbalance import catalogue, methods
from imbalance.config import Study, load_study
from imbalance.reproducibility import code
from stages.code import beginnings

KEYS = {
    "baseline": {"start": "initial"},
    "smote": {"start": "initial"},
    "smote_features": {"start": "baseline"},
    "two_phase": {"start": "baseline"},
    "focal": {"start": "initial"},
}
TRAIN = {f"train/{key}" for key in KEYS}
ALL = {"list", "download", "subset", "initialize", "evaluate", "plot", *TRAIN}


def params_of(folder: Path, **changes: object) -> Study:
    """The committed parameters with other methods, each under its own name, and other changes."""
    raw = yaml.safe_load(Path("params.yaml").read_text())
    raw["methods"] = {name: {"method": name, **block} for name, block in KEYS.items()}
    (folder / "params.yaml").write_text(yaml.safe_dump(raw | changes))
    return load_study(folder / "params.yaml")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the project's code in which files can be edited."""
    for name in subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "imbalance", "stages"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines():
        if name.endswith(".py") and Path(name).is_file():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(Path(name).read_bytes())
    monkeypatch.setattr(code, "ROOT", tmp_path)
    return tmp_path


def depended_on(params: Study) -> dict[str, dict[str, str]]:
    """What the stage writes, by the name of the file."""
    return {name: code.determining(files) for name, files in beginnings(params).items()}


@pytest.mark.parametrize(
    "folder", sorted(path.parent for path in Path("studies").glob("*/params.yaml")), ids=str
)
def test_the_code_of_every_stage_of_a_study_is_written(folder: Path) -> None:
    stages = yaml.safe_load((folder / "dvc.yaml").read_text())["stages"].values()
    deps = {dep for stage in stages for dep in stage["deps"] if dep.startswith("data/code/")}
    named = {dep.removeprefix("data/code/").removesuffix(".json") for dep in deps}
    named -= {"train/${item.method}", "train/${item.network}/${item.method}"}
    assert named <= beginnings(load_study(folder / "params.yaml")).keys()


def test_of_several_networks_each_has_the_code_of_its_own(root: Path) -> None:
    recipes = yaml.safe_load(Path("studies/depth/params.yaml").read_text())["recipes"]
    study = {"beside": {}}
    several = dict(dataset="cifar10", network=["small_cifar", "resnet18"], rho=[1], study=study)
    found = depended_on(params_of(root, **several, recipes=recipes))
    networks = {
        name: {path for path in files if path.startswith("imbalance/networks/")}
        for name, files in found.items()
    }
    shared = networks["train/small_cifar/smote"] & networks["train/resnet18/smote"]
    assert networks["train/small_cifar/smote"] - shared == {"imbalance/networks/small_cifar.py"}
    assert "imbalance/networks/resnet18.py" in networks["train/resnet18/smote"] - shared
    assert {"imbalance/networks/small_cifar.py", "imbalance/networks/resnet18.py"} <= networks["initialize"]
    assert {name for name in found if name.startswith("train/")} == {
        f"train/{network}/{key}" for network in ("small_cifar", "resnet18") for key in KEYS
    }


EDITS = {
    "a comment": ("imbalance/training/loop.py", "# a comment\n", set()),
    "a network that the run does not use": ("imbalance/networks/resnet10.py", "X = 1\n", set()),
    "a new network": ("imbalance/networks/another.py", "X = 1\n", set()),
    "a new method": ("imbalance/methods/another.py", "X = 1\n", set()),
    "a new helper": ("imbalance/methods/parts/another.py", "X = 1\n", set()),
    "what refuses parameters": ("imbalance/config/parameters.py", "X = 1\n", set()),
    "what runs tasks": ("imbalance/running/parallel.py", "X = 1\n", set()),
    "the run's network": ("imbalance/networks/lenet5.py", "X = 1\n", {"initialize", *TRAIN}),
    "a method": ("imbalance/methods/focal.py", "X = 1\n", {"train/focal"}),
    "a helper of two methods": (
        "imbalance/methods/parts/synthesis.py",
        "X = 1\n",
        {"train/smote", "train/smote_features"},
    ),
    "the loop": ("imbalance/training/loop.py", "X = 1\n", TRAIN),
    "a caption": ("imbalance/figures/run.py", "X = 1\n", {"plot"}),
    "a source": ("imbalance/datasets/sources.py", "X = 1\n", {"download"}),
    "how folders are read": ("imbalance/datasets/folders.py", "X = 1\n", {"list", "download"}),
    "a profile": ("imbalance/subsets/profiles.py", "X = 1\n", {"subset"}),
    "a measure": ("imbalance/evaluation/metrics.py", "X = 1\n", {"evaluate"}),
    "the arithmetic": ("imbalance/reproducibility/arithmetic.py", "X = 1\n", ALL),
}


def test_an_edit_concerns_the_stages_whose_code_it_changes(root: Path) -> None:
    """One edit after the other, each beside those before it."""
    params = params_of(root)
    before = depended_on(params)
    assert set(before) == ALL
    found = {}
    for edit, (name, added, _) in EDITS.items():
        with (root / name).open("a") as file:
            file.write(added)
        after = depended_on(params)
        found[edit] = {stage for stage in ALL if before[stage] != after[stage]}
        before = after
    assert found == {edit: concerned for edit, (_, _, concerned) in EDITS.items()}


def test_another_network_and_another_file_of_a_method_are_other_code(root: Path) -> None:
    before = depended_on(params_of(root))
    after = depended_on(params_of(root, dataset="cifar10", network="resnet32"))
    assert {stage for stage in ALL if before[stage] != after[stage]} == {"initialize", *TRAIN}


def test_there_is_a_file_for_each_stage_of_the_pipeline(root: Path) -> None:
    stages = yaml.safe_load(Path("dvc.yaml").read_text())["stages"]
    assert list(stages) == ["code", "list", "download", "subset", "initialize", "train", "evaluate", "plot"]
    for name, stage in stages.items():
        deps = [
            dep
            for dep in stage.get("do", stage)["deps"]
            if dep.startswith(("data/code", "imbalance", "stages"))
        ]
        match name:
            case "code":
                assert deps == ["imbalance", "stages"]  # and params.yaml
            case "train":
                assert deps == ["data/code/train/${key}.json"]
            case _:
                assert deps == [f"data/code/{name}.json"]


def test_a_method_and_all_that_it_imports_is_among_the_code_of_its_training() -> None:
    for name in catalogue.names(methods):
        found = code.determining([code.file_of(f"imbalance.methods.{name}")])
        assert f"imbalance/methods/{name}.py" in found


# Runs all stages in one process, and prints the project's files of which a function ran outside of the checks of
# the parameters, by stage.
TRACED = """
import json, sys, threading, yaml
import stages, stages.code
from importlib import import_module
from pathlib import Path
import imbalance.config
root, ran, checking = str(Path.cwd()) + "/", {}, 0
def unwatched(load):
    def called(*arguments):
        global checking
        checking += 1
        try:
            return load(*arguments)
        finally:
            checking -= 1
    return called

loaders = {name: unwatched(getattr(imbalance.config, name)) for name in ("load_params", "load_study")}
vars(imbalance.config).update(loaders)
def watch(frame, event, argument):
    file = frame.f_code.co_filename
    if event == "call" and not checking and file.startswith(root):
        ran[stage].add(file.removeprefix(root))

keys = list(yaml.safe_load(Path("params.yaml").read_text())["methods"])
for name in ["list", "download", "subset", "initialize", *(f"train/{key}" for key in keys), "evaluate", "plot"]:
    script, _, key = name.partition("/")
    sys.argv = [script, key]
    main = import_module(f"stages.{script}")
    vars(main).update({known: each for known, each in loaders.items() if hasattr(main, known)})
    stage = name
    ran[stage] = set()
    threading.setprofile(watch)
    sys.setprofile(watch)
    main.main()
    sys.setprofile(None)
    threading.setprofile(None)
print(json.dumps({name: sorted(files) for name, files in ran.items()}))
"""


@pytest.mark.long
def test_a_stage_runs_no_code_that_it_does_not_depend_on(root: Path) -> None:
    recipes = yaml.safe_load(Path("params.yaml").read_text())["recipes"]
    recipes["digits"]["lenet5"]["iterations"] = 10
    blocks = {name: {"method": name, **KEYS[name]} for name in ("baseline", "smote_features", "focal")}
    params = params_of(
        root, dataset="digits", rho=10, replicates=1, budget=1, recipes=recipes, methods=blocks
    )
    done = subprocess.run(
        [sys.executable, "-c", TRACED],
        cwd=root,
        env=os.environ | {"LOKY_MAX_CPU_COUNT": "1", "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    ran = json.loads(done.stdout.splitlines()[-1])
    assert ran.keys() == ALL - TRAIN | {f"train/{key}" for key in blocks}
    depends = depended_on(params)
    for stage, files in ran.items():
        determining = {name for name in files if not name.startswith(code.CHANGES_NO_RESULT)}
        assert determining <= depends[stage].keys(), f"{stage} runs code that it does not depend on"
        assert f"stages/{stage.partition('/')[0]}.py" in determining
    assert "imbalance/methods/focal.py" in ran["train/focal"]
