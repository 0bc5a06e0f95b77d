"""A network says how it came to be, and its checkpoint is found under all of it."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from imbalance import weights
from imbalance.errors import InputError
from imbalance.reproducibility.code import determining, file_of
from imbalance.reproducibility.provenance import identity, versions
from imbalance.subsets.subset import Subset
from imbalance.training.plan import Plan
from imbalance.training.replicate import train_replicate
from tests.builders.training import plan, subset

KEYS = (
    "budget classes data device method network precision processes recipe replicate reproducible search seed "
    "sizes source start subset versions"
)
FOCAL = {
    "method": "focal",
    "start": "initial",
    "lr_factor": 1.0,
    "sampler": {"name": "instance"},
    "weights": {"name": "equal"},
    "validation": 0.0,
    "gamma": 2.0,
    "form": "softmax",
}


def provenances(plan: Plan, subsets: list[Subset]) -> list[dict[str, Any]]:
    return [replicate.provenance for replicate in plan.replicates(subsets, Path("checkpoints"))]


def executed(plan: Plan, **changes: Any) -> Plan:
    """The plan with another execution."""
    return dataclasses.replace(plan, execution=dataclasses.replace(plan.execution, **changes))


def test_its_keys_stay_as_they_are(data: Path) -> None:
    """With other keys, every checkpoint and every model would get another name."""
    (made,) = provenances(plan(data, "focal"), [subset(data)])
    assert " ".join(sorted(made)) == KEYS
    values = {
        key: made[key] for key in ("device", "precision", "processes", "reproducible", "search", "seed")
    }
    assert values == {
        "device": "cpu",
        "precision": "float32",
        "processes": 1,
        "reproducible": True,
        "search": None,
        "seed": 0,
    }
    assert made["method"] == FOCAL
    assert made["data"].keys() == {"name", "sha256"}
    assert (made["replicate"], made["sizes"]) == (0, [100] * 5 + [10] * 5)


def test_the_source_is_the_code_of_the_training_its_method_and_its_network(data: Path) -> None:
    made = provenances(plan(data, "focal"), [subset(data)])[0]
    modules = ("imbalance.training.replicate", "imbalance.methods.focal", "imbalance.networks.lenet5")
    assert made["source"] == determining(map(file_of, modules))


def test_it_is_in_the_file_and_repeats(data: Path, tmp_path: Path) -> None:
    same = plan(data, "baseline", iterations=2)
    for folder in ("a", "b"):
        same = dataclasses.replace(same, out=tmp_path / folder)
        (only,) = same.replicates([subset(data)], tmp_path / f"checkpoints {folder}")
        train_replicate(same, only)
    made = only.provenance
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
    "precision": lambda base, data: executed(base, precision="bfloat16"),
    "seed": lambda base, data: dataclasses.replace(base, seed=1),
    "reproducible": lambda base, data: executed(base, reproducible=False),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_determines_the_network_changes_its_identity(change: str, data: Path) -> None:
    base = plan(data, "baseline")
    changed: Plan = CHANGES[change](base, data)
    names = {identity(provenances(each, [subset(data)])[0]) for each in (base, base, changed)}
    assert len(names) == 2


def test_subsets_and_replicates_have_identities_of_their_own(data: Path) -> None:
    drawn = subset(data)
    other = Subset(np.concatenate([drawn.indices[1:], [0]]), drawn.sizes)
    made = provenances(plan(data, "baseline"), [drawn, drawn, other])
    assert len({identity(each) for each in made}) == 3
    assert made[1]["start"] != made[0]["start"]


def test_a_file_without_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"junk")
    with pytest.raises(InputError, match="does not say how it came to be"):
        weights.provenance(tmp_path / "x")
