"""A network says how it came to be, and its checkpoint is found under all of it."""

import dataclasses
import subprocess
from pathlib import Path

import numpy as np
import pytest
import yaml

from imbalance import weights
from imbalance.errors import InputError
from imbalance.reproducibility.provenance import closure, git_hash, identity, versions
from imbalance.subsets.subset import Subset
from imbalance.training.replicate import Plan, train_replicate
from tests.training.test_replicate import plan, subset


def test_files_have_the_names_that_git_gives_them() -> None:
    file = Path("imbalance/errors.py")
    named = subprocess.run(["git", "hash-object", file], capture_output=True, text=True, check=True)
    assert git_hash(file) == named.stdout.strip()


def test_the_source_is_what_dvc_lets_the_training_depend_on(data: Path) -> None:
    deps = yaml.safe_load(Path("dvc.yaml").read_text())["stages"]["train"]["do"]["deps"]
    tracked = {Path(dep.replace("${item.method}", "focal")) for dep in deps}
    named = {Path(name) for name in plan(data, "focal").provenances([subset(data)])[0]["source"]}
    assert Path("imbalance/methods/focal.py") in named
    assert {path for path in named if not tracked & {path, *path.parents}} == set()


def test_imports_are_followed_and_left_out() -> None:
    files = closure([Path("imbalance/training/solvers.py")])
    assert {Path("imbalance/training/recipes.py"), Path("imbalance/catalogue.py")} < files
    left = closure([Path("imbalance/training/solvers.py")], leave_out={Path("imbalance/training/recipes.py")})
    assert left == {Path("imbalance/__init__.py"), Path("imbalance/training/solvers.py")}


def test_it_is_in_the_file_and_repeats(data: Path, tmp_path: Path) -> None:
    same = plan(data, "baseline", iterations=2)
    (made,) = same.provenances([subset(data)])
    for folder in ("a", "b"):
        train_replicate(same, 0, subset(data), made, tmp_path / folder, tmp_path / f"checkpoint {folder}")
    said = weights.provenance(tmp_path / "a/000.safetensors")
    assert said.pop("architecture")["network"] == made["network"] == "lenet5"
    assert said == made | {"fleet": 1}
    assert (tmp_path / "a/000.safetensors").read_bytes() == (tmp_path / "b/000.safetensors").read_bytes()
    assert made["versions"] == versions()
    assert made["method"]["method"] == "baseline"


CHANGES = {
    "method": lambda base, data: plan(data, "focal"),
    "recipe": lambda base, data: plan(data, "baseline", base_lr=0.02),
    "budget": lambda base, data: dataclasses.replace(base, budget=0.5),
    "precision": lambda base, data: dataclasses.replace(base, precision="bfloat16"),
    "seed": lambda base, data: dataclasses.replace(base, seed=1),
    "reproducible": lambda base, data: dataclasses.replace(base, reproducible=False),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_determines_the_network_changes_its_identity(change: str, data: Path) -> None:
    base = plan(data, "baseline")
    changed: Plan = CHANGES[change](base, data)
    names = {identity(each.provenances([subset(data)])[0]) for each in (base, base, changed)}
    assert len(names) == 2


def test_subsets_and_replicates_have_identities_of_their_own(data: Path) -> None:
    drawn = subset(data)
    other = Subset(np.concatenate([drawn.indices[1:], [0]]), drawn.sizes)
    made = plan(data, "baseline").provenances([drawn, drawn, other])
    assert len({identity(each) for each in made}) == 3
    assert made[1]["start"] != made[0]["start"]


def test_a_file_without_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"junk")
    with pytest.raises(InputError, match="does not say how it came to be"):
        weights.provenance(tmp_path / "x")
