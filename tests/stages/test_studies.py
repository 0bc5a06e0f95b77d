"""The pipelines of studies: dvc.yaml is what params.yaml gives, and DVC itself reads it as it is meant."""

import json
from pathlib import Path

import pytest
import yaml
from dvc.repo import Repo
from dvc.stage import PipelineStage

from imbalance.config import Study, load_study
from imbalance.config.conditions import VARIED
from imbalance.errors import InputError
from stages import pipeline
from tests.builders.parameters import DEFAULT
from tests.builders.studies import BLOCKS, study_of, text_of
from tests.repository import copy_of_working_tree, dvc_in
from tools.studies import folders, write

STUDIES = [folder for folder in folders() if load_study(folder / "params.yaml").dimensions]
GROUPS = """{beside: {
  extreme: {conditions: ["rho=500,mu=0.5"]},
  balanced: {conditions: ["rho=1,mu=0.5"], methods: [baseline]},
  longer: {conditions: ["rho=10,mu=0.5,budget=0.2", "rho=10,mu=0.5,budget=0.4"], methods: [baseline]}}}"""
GRID = ["rho=10,mu=0.1", "rho=10,mu=0.5", "rho=100,mu=0.1", "rho=100,mu=0.5"]
LONGER = ["rho=10,mu=0.5,budget=0.2", "rho=10,mu=0.5,budget=0.4"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small study in a repository of its own."""
    root = tmp_path_factory.mktemp("repository")
    (root / ".dvc").mkdir()
    (root / ".dvc/config").write_text("[core]\n    no_scm = true\n    analytics = false\n")
    (root / "studies/small").mkdir(parents=True)
    write(study_of(root / "studies/small", study=GROUPS, dataset="mnist"), root / "studies/small")
    return root / "studies/small"


@pytest.fixture(scope="module")
def stages(folder: Path) -> dict[str, PipelineStage]:
    """The stages as DVC reads them, by name."""
    with Repo(str(folder)) as repo:
        return {stage.name: stage for stage in repo.index.stages}


def trainings(stages: dict[str, PipelineStage]) -> dict[str, PipelineStage]:
    """The stages that train, by "<method> <condition>"."""
    return {
        stage.cmd.partition("stages.train ")[2]: stage
        for stage in stages.values()
        if "stages.train" in stage.cmd
    }


def depended_on(stage: PipelineStage, folder: Path) -> set[str]:
    """The files and folders that a stage depends on, relative to the study."""
    return {Path(dep.fs_path).relative_to(folder).as_posix() for dep in stage.deps if not is_params(dep)}


def is_params(dep: object) -> bool:
    return type(dep).__name__ == "ParamsDependency"


def parameters(stage: PipelineStage) -> set[str]:
    return {name for dep in stage.deps if is_params(dep) for name in dep.params}


@pytest.mark.parametrize("folder", STUDIES, ids=str)
def test_the_committed_pipeline_is_that_of_the_parameters(folder: Path) -> None:
    study = load_study(folder / "params.yaml")
    assert (folder / "dvc.yaml").read_text() == pipeline.text(study), "run `make studies`"
    pipeline.check(study, folder / "dvc.yaml")


def test_dvc_trains_every_method_at_every_condition_once(stages: dict[str, PipelineStage]) -> None:
    cells = {f"{method} {condition}" for condition in [*GRID, "rho=500,mu=0.5"] for method in BLOCKS}
    assert set(trainings(stages)) == cells | {f"baseline {name}" for name in ["rho=1,mu=0.5", *LONGER]}
    assert stages["train@10-0.5-oversampling"].cmd.endswith("stages.train oversampling rho=10,mu=0.5")
    assert "train_from_oversampling_extreme@rho=500,mu=0.5-two_phase_over" in stages


def test_a_training_depends_on_its_code_its_subset_and_its_start(
    stages: dict[str, PipelineStage], folder: Path
) -> None:
    for cell, stage in trainings(stages).items():
        method, condition = cell.split()
        start = f"models/{condition}/oversampling" if method == "two_phase_over" else "models/initial"
        subset, code = f"data/subset/{condition}", f"data/code/train/{method}.json"
        assert depended_on(stage, folder) == {code, "data/raw/mnist", subset, start}
        assert [Path(out.fs_path).relative_to(folder).as_posix() for out in stage.outs] == [
            f"models/{condition}/{method}",
            f"data/predictions/{condition}/{method}",
        ]
        assert {f"methods.{method}", "recipes.mnist", "seed", "network"} <= parameters(stage)


def test_every_condition_is_evaluated_after_all_its_trainings(stages: dict[str, PipelineStage]) -> None:
    evaluations = [stage for stage in stages.values() if "stages.evaluate" in stage.cmd]
    conditions = {stage.cmd.partition("stages.evaluate ")[2] for stage in evaluations}
    assert conditions == {*GRID, "rho=500,mu=0.5", "rho=1,mu=0.5", *LONGER}


def test_what_a_condition_fixes_is_no_parameter_of_its_trainings(
    stages: dict[str, PipelineStage],
) -> None:
    """So another `budget` at the top concerns no group whose conditions all give one."""
    for cell, stage in trainings(stages).items():
        fixed = {part.partition("=")[0] for part in cell.split()[1].split(",")}
        assert not fixed & parameters(stage)
        assert ("budget" in parameters(stage)) == ("budget=" not in cell)
        assert parameters(stage) & set(VARIED) <= {"network", "budget", "validation", "seed"}, (
            "the rest comes with the subset"
        )


def test_a_value_that_only_some_conditions_of_a_group_give_remains_a_parameter(tmp_path: Path) -> None:
    mixed = "{beside: {more: {conditions: ['rho=1,mu=0.5,budget=0.2', 'rho=5,mu=0.5']}}}"
    stages = yaml.safe_load(pipeline.text(study_of(tmp_path, study=mixed)))["stages"]
    assert "budget" in stages["train_more"]["params"]


def test_a_budget_that_is_a_dimension_is_fixed_in_the_grid(tmp_path: Path) -> None:
    stages = yaml.safe_load(pipeline.text(study_of(tmp_path, budget="[0.1, 0.2]")))["stages"]
    assert "budget" not in stages["train"]["params"]
    assert "budget" in stages["subset"]["params"], "as the subsets of all conditions have its values as names"


def test_a_network_of_several_depends_on_its_own_recipe_code_and_initial_weights(tmp_path: Path) -> None:
    """So one more trains its own cells only."""
    (tmp_path / ".dvc").mkdir()
    (tmp_path / ".dvc/config").write_text("[core]\n    no_scm = true\n")
    recipe = DEFAULT["recipes"]["mnist"]["lenet5"]
    recipes = {"mnist": dict.fromkeys(("lenet5", "small_cifar"), recipe)}
    several = {"network": "[lenet5, small_cifar]", "mu": "0.5", "recipes": json.dumps(recipes)}
    write(study_of(tmp_path, **several), tmp_path)
    with Repo(str(tmp_path)) as repo:
        found = {stage.name: stage for stage in repo.index.stages}
    for network in ("lenet5", "small_cifar"):
        condition = f"network={network},rho=100"
        first = found[f"train@{network}-100-oversampling"]
        assert first.cmd.endswith(f"stages.train oversampling {condition}")
        assert depended_on(first, tmp_path) == {
            f"data/code/train/{network}/oversampling.json",
            "data/raw/mnist",
            f"data/subset/{condition}",
            f"models/initial/{network}",
        }
        assert {name for name in parameters(first) if name.startswith(("network", "recipes"))} == {
            f"recipes.mnist.{network}"
        }
        second = found[f"train_from_oversampling@{network}-100-two_phase_over"]
        assert f"models/{condition}/oversampling" in depended_on(second, tmp_path)
        assert f"data/code/train/{network}/two_phase_over.json" in depended_on(second, tmp_path)


@pytest.mark.parametrize("asked", [(), ("two_classes",), ("two_classes", "deployment")])
def test_what_is_asked_of_two_classes_is_a_parameter_of_studies_that_have_it(
    asked: tuple[str, ...], tmp_path: Path
) -> None:
    raw = yaml.safe_load(text_of())
    for name in {"two_classes", "deployment"} - set(asked):
        del raw[name]
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(raw))
    stages = yaml.safe_load(pipeline.text(load_study(tmp_path / "params.yaml")))["stages"]
    assert stages["evaluate"]["params"] == ["methods", "rules", "tau", *asked]


def test_only_a_study_that_shares_subsets_or_varies_the_seed_depends_on_it(tmp_path: Path) -> None:
    raw = yaml.safe_load(text_of())
    del raw["shared"]
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(raw))
    plain = yaml.safe_load(pipeline.text(load_study(tmp_path / "params.yaml")))["stages"]
    varied = yaml.safe_load(pipeline.text(study_of(tmp_path, seed="[0, 1]", shared="subset")))["stages"]
    for stage, name in (("subset", "shared"), ("collect", "seed")):
        assert name not in plain[stage]["params"]
        assert name in varied[stage]["params"]
    assert "seed" in plain["train"]["params"]
    assert "seed" not in varied["train"]["params"], "another seed must not train the old ones again"
    assert not [
        plot for plot in pipeline.text(study_of(tmp_path, seed="[0, 1]")).split() if "over_seed" in plot
    ]


def test_a_group_without_conditions_is_no_stage(tmp_path: Path) -> None:
    (tmp_path / ".dvc").mkdir()
    (tmp_path / ".dvc/config").write_text("[core]\n    no_scm = true\n")
    write(study_of(tmp_path, study="{beside: {none: {conditions: []}}}"), tmp_path)
    with Repo(str(tmp_path)) as repo:
        assert not [stage.name for stage in repo.index.stages if "none" in stage.name]


def small(folder: Path, **values: str) -> Study:
    """A study whose pipeline is that of a grid without groups."""
    write(study_of(folder), folder)
    return study_of(folder, **values)


def test_a_pipeline_of_other_parameters_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "dvc.yaml"
    pipeline.check(small(tmp_path, rho="[10, 100, 500]"), file)  # another value needs no other text
    with pytest.raises(
        InputError, match=r"dvc\.yaml has other stages than params\.yaml asks for .* run `make"
    ):
        pipeline.check(small(tmp_path, mu="0.5"), file)
    file.unlink()
    with pytest.raises(InputError, match=rf"there is no {file}; run `make studies` in the main folder"):
        pipeline.check(study_of(tmp_path), file)


def test_groups_whose_stages_would_have_one_name_are_refused(tmp_path: Path) -> None:
    clashing = "{beside: {from_oversampling: {conditions: ['rho=1,mu=0.5'], methods: [baseline]}}}"
    with pytest.raises(
        InputError, match="two groups of stages would be named train_from_oversampling; rename"
    ):
        write(study_of(tmp_path, study=clashing), tmp_path)
    assert not (tmp_path / "dvc.yaml").exists()


@pytest.mark.long
def test_values_that_are_commands_are_refused_by_the_first_stage_and_run_nothing(tmp_path: Path) -> None:
    """DVC would write them into the commands of the trainings, which it gives to a shell."""
    copy_of_working_tree(tmp_path)
    folder = tmp_path / "studies/small"
    folder.mkdir()
    write(study_of(folder, study="{beside: {more: {conditions: ['rho=1,mu=0.5']}}}"), folder)
    block = "{beside: {more: {conditions: ['rho=1; touch injected; true,mu=0.5']}}}"
    (folder / "params.yaml").write_text(
        text_of(rho="['10; touch injected #']", mu="[$(touch injected)]", study=block)
    )
    done = dvc_in(tmp_path)("repro", "--keep-going", "studies/small/dvc.yaml", fails=True)
    for value in (
        "rho = '10; touch injected #'",
        "rho = '1; touch injected; true'",
        "mu = '$(touch injected)'",
    ):
        assert f"{value}: input should be a number, not text." in done.stdout
    assert done.stdout.count("Running stage") == 1
    assert "Running stage 'studies/small/dvc.yaml:code'" in done.stdout
    assert not list(tmp_path.rglob("injected*"))
