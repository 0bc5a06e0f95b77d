"""The command line of predictions: what it writes, and that a refusal is one sentence and writes nothing."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from imbalance import networks
from stages import run
from tests.builders.prediction import SIDE, made, pictures
from tools import predict


def models(folder: Path, *, channels: int = 1, method: str = "baseline") -> Path:
    """Two random networks of two classes, with 90 and 10 training images."""
    drawn = [networks.build("small_cnn", (channels, SIDE, SIDE), 2) for _ in range(2)]
    return made(folder / "models", [*drawn], [[90, 10]] * 2, method)


def test_the_table_has_a_line_for_each_image(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = pictures(tmp_path / "new", {"b": 2, "a": 1}, channels=1)
    arguments = [str(models(tmp_path)), str(root), "-o", str(tmp_path / "out" / "new.csv")]
    predict.main(arguments)
    table = pd.read_csv(tmp_path / "out" / "new.csv")
    assert list(table) == ["path", "decision", "disagreement", "p_c0", "p_c1"]
    assert table["path"].tolist() == ["a/00.png", "b/00.png", "b/01.png"]
    np.testing.assert_allclose(table["p_c0"] + table["p_c1"], 1, atol=2e-6)
    assert (table["decision"] == np.where(table["p_c0"] > table["p_c1"], "c0", "c1")).all()
    assert "3 images by 2 networks" in capsys.readouterr().out
    # the odds of the rules differ by the odds of the shares, 9 : 1 and 1 : 4
    predict.main([*arguments, "--prior", "c0=0.2", "c1=0.8"])
    shifted = pd.read_csv(tmp_path / "out" / "new.csv")
    assert (shifted["p_c1"] > table["p_c1"]).all()


def test_stuck_networks_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of a method of a study: models/<condition>/<method>, data/predictions/<condition>/<method>."""
    drawn = [networks.build("small_cnn", (1, SIDE, SIDE), 2) for _ in range(2)]
    folder = made(tmp_path / "models" / "rho=9" / "baseline", [*drawn], [[90, 10]] * 2)
    root = pictures(tmp_path / "new", {"a": 1}, channels=1)
    arguments = [str(folder), str(root), "-o", str(tmp_path / "new.csv")]
    predict.main(arguments)
    assert capsys.readouterr().err == ""
    trial = {"method": "baseline", "base_lr": 0.1, "draw": 0, "validation_auc": np.nan, "test_auc": 0.5}
    states = [(0, "stuck", False), (0, "trained", True), (1, "stuck", True)]
    rows = [trial | {"replicate": number, "state": state, "kept": kept} for number, state, kept in states]
    trials = tmp_path / "data" / "predictions" / "rho=9" / "baseline" / "trials.csv"
    trials.parent.mkdir(parents=True)
    pd.DataFrame(rows).to_csv(trials, index=False)
    predict.main(arguments)
    assert capsys.readouterr().err.startswith("warning: '001.safetensors': stuck, as good as a guess")


def test_a_rule_says_what_the_training_had_made_up_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = pictures(tmp_path / "new", {"a": 1}, channels=1)
    balanced = [str(models(tmp_path, method="oversampling")), str(root), "-o", str(tmp_path / "new.csv")]
    for rule, said in (
        ("argmax", ""),
        ("prior", "the rule prior does it again."),
        ("deployment", "taken as equally frequent there."),
    ):
        predict.main(
            [*balanced, "--rule", rule, *(["--prior", "c0=0.5", "c1=0.5"] if rule == "deployment" else [])]
        )
        heard = capsys.readouterr().err
        assert said in heard
        assert bool(said) == bool(heard)


def deep(root: Path) -> None:
    """Write a grey image of 16 bits."""
    Image.fromarray(np.full((9, 9), 4000, np.uint16)).save(root / "deep.png")


@pytest.mark.parametrize(
    ("damage", "arguments", "problem"),
    [
        ("", ["--rule", "priors"], "--rule: no rule 'priors'; did you mean 'prior'?"),
        ("", ["--rule", "deployment"], "goes with --rule deployment"),
        ("", ["--rule", "prior", "--prior", "c0=1", "c1=0"], "goes with --rule deployment"),
        ("", ["--prior", "c0=0.5", "c1=0.6"], "the shares sum to 1.1; they must sum to 1."),
        ("", ["--prior", "c0=1"], "no share for 'c1'"),
        ("", ["--prior", "c0=0.5", "c2=0.5"], "no class 'c2'; choose from: c0, c1."),
        ("", ["--prior", "c0=0.5", "c0=0.5"], "a class is named twice"),
        ("", ["--prior", "c0=half", "c1=0.5"], "'c0=half' is no NAME=SHARE"),
        ("", ["--prior", "c0=1.5", "c1=-0.5"], "the share of 'c0' is 1.5"),
        ("", ["--prior", "c0=nan", "c1=1"], "the share of 'c0' is nan"),
        ("colour", [], "is coloured, and the networks were trained on grey images"),
        ("truncated", [], "cut.png: image file is truncated"),
        ("text", [], "cut.png: not an image of a known format"),
        ("deep", [], "has grey images of 16 bits, and a model file does not say"),
        ("none", [], "has no image files in it"),
        ("missing", [], "there is no folder"),
    ],
)
def test_a_refusal_is_one_sentence_and_writes_nothing(
    damage: str,
    arguments: list[str],
    problem: str,
    tmp_path: Path,
) -> None:
    root = tmp_path / "new"
    if damage != "missing":
        root.mkdir()
    if damage not in ("none", "missing"):
        pictures(root, {"a": 3}, channels=3 if damage == "colour" else 1)
    match damage:
        case "truncated":
            whole = (root / "a" / "01.png").read_bytes()
            (root / "a" / "cut.png").write_bytes(whole[: len(whole) // 2])
        case "text":
            (root / "a" / "cut.png").write_text("no image")
        case "deep":
            deep(root)
    output = tmp_path / "new.csv"
    with pytest.raises(SystemExit) as refused:
        run(lambda: predict.main([str(models(tmp_path)), str(root), "-o", str(output), *arguments]))
    message = str(refused.value)
    assert message.startswith("error: ")
    assert problem in message
    assert "\n" not in message
    assert not output.exists()


def test_what_the_training_did_to_its_images_can_be_said(tmp_path: Path) -> None:
    root = pictures(tmp_path / "new", {"a": 2}, channels=3)
    arguments = [str(models(tmp_path)), str(root), "-o", str(tmp_path / "new.csv"), "--grey"]
    predict.main(arguments)
    deep(root)
    predict.main([*arguments, "--bits", "12"])
    assert len(pd.read_csv(tmp_path / "new.csv")) == 3


def test_names_that_are_no_text_are_written_as_far_as_they_are(tmp_path: Path) -> None:
    root = pictures(tmp_path / "new", {"a": 1}, channels=1)
    (root / "a" / "00.png").rename(root / "a" / "\udcff.png")
    predict.main([str(models(tmp_path)), str(root), "-o", str(tmp_path / "new.csv")])
    assert pd.read_csv(tmp_path / "new.csv")["path"].tolist() == ["a/\\xff.png"]
