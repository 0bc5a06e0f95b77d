"""Nothing from params.yaml is in a command that DVC gives to a shell, so that nothing in it is run."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from imbalance.errors import InputError
from stages.train import to_train
from tests.repository import copy_of_working_tree, dvc_in

STAGES = yaml.safe_load(Path("dvc.yaml").read_text())["stages"]
HOSTILE = ["a; touch injected #", "a' $(touch injected)", "a\ntouch injected"]


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository in which the folders that a training reads are there, and empty."""
    folder = tmp_path_factory.mktemp("hostile")
    copy_of_working_tree(folder)
    for name in ("data/raw/digits", "data/subset", "models/initial"):
        (folder / name).mkdir(parents=True)
    return folder


def write_params(folder: Path, **changes: Any) -> None:
    params = yaml.safe_load(Path("params.yaml").read_text()) | {"dataset": "digits"} | changes
    (folder / "params.yaml").write_text(yaml.safe_dump(params))


@pytest.mark.parametrize("stage", STAGES)
def test_no_command_contains_a_parameter(stage: str) -> None:
    command = STAGES[stage].get("do", STAGES[stage])["cmd"]
    assert command == f"python -m stages.{stage}"


@pytest.mark.long
def test_methods_whose_names_are_commands_are_refused_and_run_nothing(repository: Path) -> None:
    block = {"method": "baseline", "start": "initial"}
    write_params(repository, methods={key: dict(block) for key in ["baseline", *HOSTILE]})
    for key in HOSTILE:  # as if the stage `code` had let them through
        file = repository / f"data/code/train/{key}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("{}")
    targets = [f"train@{key}" for key in HOSTILE]
    done = dvc_in(repository)("repro", "--single-item", "--keep-going", *targets, fails=True)
    assert done.stdout.count("Running stage 'train@a") == len(HOSTILE), (
        "each of them came as far as its command"
    )
    assert "cannot name a method" in done.stdout
    assert not list(repository.rglob("injected*"))


@pytest.mark.long
@pytest.mark.parametrize("text", ["digits; touch injected", "$(touch injected)"])
def test_a_data_set_or_a_folder_whose_name_is_a_command_runs_nothing(text: str, repository: Path) -> None:
    own = yaml.safe_load(Path("params.yaml").read_text())["image_folder"] | {"root": text}
    write_params(repository, dataset=text, image_folder=own)
    (repository / text).mkdir()
    assert "no dataset" in dvc_in(repository)("repro", fails=True).stdout
    assert not list(repository.rglob("injected*"))


@pytest.mark.long
def test_a_data_set_whose_name_is_another_folder_removes_nothing(repository: Path) -> None:
    (repository / "kept").mkdir()
    write_params(repository, dataset="../../kept")
    dvc_in(repository)("repro", fails=True)
    assert (repository / "kept").is_dir()


def test_the_method_is_that_of_the_command_line_or_of_the_stage() -> None:
    assert to_train([], "train@focal") == ("focal", "")
    assert to_train([], "../me@home/dvc.yaml:train@focal") == ("focal", "")
    assert to_train(["focal"], "train@baseline") == ("focal", "")
    assert to_train(["focal", "rho=10"], "studies/x/dvc.yaml:train@10-focal") == ("focal", "rho=10")
    for arguments in ([], ["focal", "rho=10", "mu=0.5"]):
        with pytest.raises(InputError, match="name the method to train"):
            to_train(arguments, "")
