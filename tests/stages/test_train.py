"""A training reads and writes what DVC knows of it."""

from pathlib import Path

import pytest

from imbalance.config import load_study
from imbalance.config.loader import load
from stages.train import plan_of
from tools.studies import folders

RUN = [folder for folder in folders() if (folder / "dvc.lock").is_file()]


@pytest.mark.parametrize("folder", RUN, ids=str)
def test_a_training_starts_from_a_dependency_of_its_stage_and_writes_its_output(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stages = load(folder / "dvc.lock")["stages"]
    study = load_study(folder / "params.yaml")
    monkeypatch.chdir(folder)
    cells = 0
    for name, stage in stages.items():
        key, _, condition = stage["cmd"].partition("stages.train ")[2].partition(" ")
        if not name.startswith("train") or condition not in study.conditions:
            continue  # DVC keeps the stages of earlier parameters in a dvc.lock
        plan = plan_of(study, key, condition)
        assert str(plan.start.relative_to(Path.cwd())) in {dep["path"] for dep in stage["deps"]}
        assert str(plan.out.relative_to(Path.cwd())) in {out["path"] for out in stage["outs"]}
        cells += 1
    assert cells == sum(len(params.methods) for params in study.conditions.values())
