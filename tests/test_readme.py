"""README.md says what the committed results say, and its commands and example are real."""

import dataclasses
import re
import runpy
import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml

from imbalance import networks, weights
from imbalance.methods import parse
from imbalance.methods.baseline import Baseline
from imbalance.replicate import train_replicate
from tests.test_replicate import plan, subset
from tools.pages import current_table, with_results

README = Path("README.md").read_text(encoding="utf-8")
PARAMS = yaml.safe_load(Path("params.yaml").read_text())


def test_the_results_table_is_that_of_the_committed_tables() -> None:
    assert with_results(README, current_table()) == README, "run `make pages`"


def test_the_text_states_the_default_parameters() -> None:
    share = {0.1: "a tenth"}[PARAMS["budget"]]
    fraction = {50: "a fiftieth"}[PARAMS["rho"]]
    assert f"(μ = {PARAMS['mu']})" in README
    assert f"{fraction} of the images" in README
    assert f"(ρ = {PARAMS['rho']})" in README
    assert f"{PARAMS['replicates']} replicates" in README
    assert f"{share} of the paper's" in README


def test_every_file_that_it_names_exists() -> None:
    for name in re.findall(r"!\[[^]]*\]\(([^)]+)\)", README):
        assert Path(name).is_file(), name
    tree = README[README.index("    dvc.yaml  params.yaml") : README.index("The default methods are")]
    folder = Path()
    for line in tree.splitlines():
        names = re.findall(r"[\w.]+(?:\.\w+|/)", re.split(r"\s{3,}|(?<=\S)  +", line.strip())[0])
        for name in names:
            inside = Path("imbalance") / name if line.startswith(" " * 8) else folder / name
            assert inside.exists(), f"README's tree names {inside}"


@pytest.mark.parametrize(
    "change", re.findall(r"dvc exp run (?:--queue )?-S '?([^\s']+(?: [^']+)?)'?", README)
)
def test_every_parameter_that_it_sets_exists(change: str) -> None:
    key = change.split("=")[0].strip().lstrip("+")
    if key.startswith("methods."):
        key = "methods" if change.startswith("+") else key
    value = PARAMS
    for part in key.split("."):
        assert part in value
        value = value[part]


def test_what_a_method_overrides_exists() -> None:
    table = README[README.index("| override |") : README.index("All methods, with equations")]
    rows = re.findall(r"^\| `(\w+)` \|.*\| (.*) \|$", table, re.MULTILINE)
    assert len(rows) == 7
    for hook, examples in rows:
        assert hasattr(Baseline, hook)
        for name in re.findall(r"`(\w+)`", examples):
            method = type(parse({"method": name, "start": "baseline"}))
            assert getattr(method, hook) is not getattr(Baseline, hook), f"{name} does not override {hook}"


def test_the_example_of_using_the_weights_gives_the_stored_logits(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a network that computes otherwise in training: small_cnn has batch normalisations."""
    example = next(
        block for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if "weights" in block
    )
    run = dataclasses.replace(
        plan(data, "oversampling", base_lr=0.1, iterations=20),
        network="small_cnn",
        start=tmp_path / "initial",
    )
    network = networks.build("small_cnn", (1, 28, 28), 10)
    networks.initialize("small_cnn", network, np.random.default_rng(0))
    weights.save(network, run.start, 0, {})
    (made,) = run.provenances([subset(data)])
    monkeypatch.chdir(tmp_path)
    stored, *_ = train_replicate(run, 0, subset(data), made, Path("models/oversampling"), Path("checkpoints"))
    shutil.copytree(run.data, "data/raw/mnist")
    Path("example.py").write_text(example, encoding="utf-8")
    names = runpy.run_path("example.py")
    np.testing.assert_allclose(names["logits"], stored[:100], rtol=1e-5, atol=1e-5)
    origin = names["origin"]
    assert (origin["classes"], origin["sizes"]) == ([*"0123456789"], [100] * 5 + [10] * 5)
    names["network"].train()
    other = names["network"](names["images"]).detach().numpy()
    assert (other.argmax(axis=1) != stored[:100].argmax(axis=1)).mean() > 0.1, "the mode makes no difference"
