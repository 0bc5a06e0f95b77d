"""A network says how it came to be, and its checkpoint is found under all of it."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from imbalance import weights
from imbalance.errors import InputError
from imbalance.reproducibility.code import determining, file_of
from imbalance.reproducibility.provenance import identity, versions
from imbalance.subsets.subset import Subset
from imbalance.training.replicate import Plan, train_replicate
from tests.builders.training import plan, subset


def test_the_source_is_the_code_of_the_training_its_method_and_its_network(data: Path) -> None:
    (made,) = plan(data, "focal").provenances([subset(data)])
    modules = ("imbalance.training.replicate", "imbalance.methods.focal", "imbalance.networks.lenet5")
    assert made["source"] == determining(map(file_of, modules))


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
