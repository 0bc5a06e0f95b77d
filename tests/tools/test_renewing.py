"""The lock of a study: what is compared, which stages have other code, and what renewing it changes."""

import hashlib
from pathlib import Path

import pytest
import yaml

from imbalance.errors import InputError
from tools.renewing import Hash, artifacts, code_in, of_code, parse, renewed, stale

LOCK = """\
schema: '2.0'
stages:
  code:
    cmd: python -m stages.code
    deps:
    - path: ../../imbalance
      hash: md5
      md5: old0.dir
      size: 9
      nfiles: 2
    outs:
    - path: data/code
      hash: md5
      md5: old1.dir
      size: 9
      nfiles: 3
  train@2-baseline:
    cmd: python -m stages.train baseline rho=2
    deps:
    - path: data/code/train/baseline.json
      hash: md5
      md5: old2
      size: 9
    - path: models/initial
      hash: md5
      md5: initial.dir
      size: 70
      nfiles: 8
    params:
      params.yaml:
        gamma: 0.0001
        counts: []
        recipes.mnist:
          lenet5:
            factor: 0.00390625
    outs:
    - path: data/predictions/rho=2/baseline
      hash: md5
      md5: predictions.dir
      size: 80
      nfiles: 5
    - path: models/rho=2/baseline
      hash: md5
      md5: models.dir
      size: 70
      nfiles: 8
  evaluate@2:
    cmd: python -m stages.evaluate rho=2
    deps:
    - path: data/code/evaluate.json
      hash: md5
      md5: old3
      size: 9
  train@2-removed:
    cmd: python -m stages.train removed rho=2
    deps:
    - path: data/code/train/removed.json
      hash: md5
      md5: old4
      size: 9
"""
CODE = {"data/code/train/baseline.json": Hash("new2", 10), "data/code/evaluate.json": Hash("new3", 10)}


def test_networks_are_compared_by_their_number_code_not_at_all_and_the_rest_by_hashes() -> None:
    assert artifacts(parse(LOCK, "dvc.lock"), ["train@2-baseline", "not there"]) == {
        "train@2-baseline: models/initial": "8 files",
        "train@2-baseline: data/predictions/rho=2/baseline": "predictions.dir",
        "train@2-baseline: models/rho=2/baseline": "8 files",
    }


def test_the_hashes_of_code_are_those_that_dvc_would_give_the_files(tmp_path: Path) -> None:
    (tmp_path / "data/code/train").mkdir(parents=True)
    (tmp_path / "data/code/train/baseline.json").write_bytes(b"{}\n")
    md5 = hashlib.md5(b"{}\n", usedforsecurity=False).hexdigest()
    assert code_in(tmp_path) == {"data/code/train/baseline.json": Hash(md5, 3)}


def test_stages_with_other_code_are_found() -> None:
    lock = parse(LOCK, "dvc.lock")
    assert stale(lock, CODE) == {"train@2-baseline", "evaluate@2"}
    assert stale(lock, CODE | {"data/code/evaluate.json": Hash("old3", 9)}) == {"train@2-baseline"}


def test_a_stage_whose_code_is_not_there_is_neither_stale_nor_of_that_code() -> None:
    """As the code of networks that a study has at another scale only."""
    lock = parse(LOCK, "dvc.lock")
    same = {"data/code/train/baseline.json": Hash("old2", 9)}
    assert "train@2-baseline" in of_code(lock, same)
    for code in ({}, {"data/code/train/baseline.json": Hash("new", 9)}):
        assert "train@2-baseline" not in of_code(lock, code)
    assert "train@2-baseline" not in stale(lock, {})


def test_only_the_hashes_of_the_code_of_the_given_stages_change() -> None:
    new = LOCK.replace("old0", "new0").replace("old1", "new1")
    fresh = parse(new, "dvc.lock")
    text = renewed(parse(LOCK, "dvc.lock"), fresh, CODE, ["train@2-baseline", "train@2-removed"])
    assert text == new.replace("old2\n      size: 9", "new2\n      size: 10")


def test_the_initial_weights_are_those_that_the_present_code_draws_in_every_stage() -> None:
    """Else each training would be stale as soon as a clone without a cache has drawn them."""
    both = parse(LOCK, "dvc.lock")
    both["stages"]["train@50-baseline"] = parse(LOCK, "dvc.lock")["stages"]["train@2-baseline"]
    initialize = {
        "outs": [{"path": "models/initial", "hash": "md5", "md5": "drawn", "size": 72, "nfiles": 8}]
    }
    fresh = parse(LOCK, "dvc.lock")  # with a training from before, too
    fresh["stages"]["initialize"] = initialize
    text = renewed(both, fresh, {}, [])
    assert "&" not in text, "an entry for each, without references"
    found = parse(text, "dvc.lock")["stages"]
    for stage in ("train@2-baseline", "train@50-baseline"):
        assert found[stage]["deps"][1] == initialize["outs"][0]
        assert found[stage]["outs"] == both["stages"][stage]["outs"]


def test_with_the_same_code_the_text_is_the_same() -> None:
    lock = parse(LOCK, "dvc.lock")
    assert renewed(lock, lock, {}, lock["stages"]) == LOCK
    committed = Path("dvc.lock").read_text()
    lock = parse(committed, "dvc.lock")
    lock["stages"]["code"] = {}
    whole = parse(committed, "dvc.lock")
    assert renewed(lock, whole, {}, []) == committed


@pytest.mark.parametrize("file", [Path("dvc.lock"), *sorted(Path("studies").glob("*/dvc.lock"))], ids=str)
def test_a_committed_lock_agrees_with_itself(file: Path) -> None:
    """What a stage read is what another wrote; else DVC, without a cache, would run it again."""
    stages = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["stages"]
    written = {out["path"]: out["md5"] for entry in stages.values() for out in entry.get("outs", [])}
    assert not [
        (stage, dep["path"])
        for stage, entry in stages.items()
        for dep in entry.get("deps", [])
        if written.get(dep["path"], dep["md5"]) != dep["md5"]
    ]


@pytest.mark.parametrize("text", ["stages: {<<<<<<< HEAD\n", "stages: [\n"])
def test_a_damaged_lock_is_one_clear_message(text: str) -> None:
    with pytest.raises(InputError, match=r"^studies/a/dvc\.lock cannot be read; run `make recover`"):
        parse(text, "studies/a/dvc.lock")
