"""What decision rules need: each lack is one sentence before anything is trained."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from imbalance.config import Params, load_params
from imbalance.config.rules import check_classes
from imbalance.errors import InputError

CLASSES = ("ill", "well")
HELD_OUT = {
    "baseline": {"validation": 0.2},
    "oversampling": {"validation": 0.2},
    "two_phase_over": {"validation": 0.2},
}


def params(folder: Path, methods: dict[str, dict[str, Any]] = HELD_OUT, **changes: Any) -> Params:
    """The default parameters for one's own images, with changes of them and of some of the methods."""
    raw = yaml.safe_load(Path("params.yaml").read_text())
    raw |= {"dataset": "image_folder", "rules": ["argmax", "threshold"]} | changes
    raw["methods"] = {key: raw["methods"][key] | change for key, change in methods.items()}
    (folder / "params.yaml").write_text(yaml.safe_dump(raw))
    return load_params(folder / "params.yaml")


def test_a_threshold_is_taken_with_held_out_images(tmp_path: Path) -> None:
    check_classes(params(tmp_path), CLASSES)


def test_without_held_out_images_the_rule_deployment_takes_probabilities_as_they_are(tmp_path: Path) -> None:
    shares = {"ill": 0.1, "well": 0.9}
    none_at_the_end = HELD_OUT | {"two_phase_over": {}}
    assert params(tmp_path, none_at_the_end, rules=["argmax", "deployment"], deployment=shares)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"methods": {"baseline": {}}},
            "rules: threshold is chosen on held-out training images, and methods.baseline holds out none; "
            "give methods.baseline `validation: 0.2`, or drop the rule.",
        ),
        (
            {"methods": HELD_OUT | {"oversampling": {"validation": 0.1}}},
            "rules: the threshold of methods.two_phase_over would be chosen on images that oversampling is trained "
            "on; give oversampling the same `validation: 0.2`.",
        ),
        (
            {
                "methods": HELD_OUT | {"oversampling": {}},
                "rules": ["argmax", "deployment"],
                "deployment": {"ill": 0.1, "well": 0.9},
            },
            "rules: the calibration (rule deployment, two classes) of methods.two_phase_over would be chosen on images "
            "that oversampling is trained on; give oversampling the same `validation: 0.2`.",
        ),
        (
            {"two_classes": {"prevalence": 0.1}, "deployment": {"ill": 0.1, "well": 0.9}},
            "two_classes.prevalence and deployment state the same thing; drop one of them.",
        ),
    ],
)
def test_what_a_rule_lacks_is_one_sentence(changes: dict[str, Any], sentence: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        params(tmp_path, **changes)
    assert str(refused.value).split("\n  - ")[1:] == [sentence]


def test_a_search_holds_out_by_the_parameter_of_the_run(tmp_path: Path) -> None:
    recipes = yaml.safe_load(Path("params.yaml").read_text())["recipes"]
    recipes["image_folder"]["small_cnn"]["base_lr"] = [0.02, 0.01]
    assert params(tmp_path, {"baseline": {}}, recipes=recipes)
    with pytest.raises(InputError, match=r"holds out none; set `validation` to 0\.1, or drop the rule"):
        params(tmp_path, {"baseline": {}}, recipes=recipes, validation=0, protocol="paper")


@pytest.mark.parametrize(
    ("changes", "classes", "sentence"),
    [
        ({}, ("a", "b", "c"), "rules: threshold is for two classes, and there are 3; drop the rule."),
        (
            {"two_classes": {"positive": "il"}},
            CLASSES,
            "two_classes.positive: no class 'il'; did you mean 'ill'?",
        ),
        ({"deployment": {"il": 0.1, "well": 0.9}}, CLASSES, "deployment: no class 'il'; did you mean 'ill'?"),
        ({"deployment": {"ill": 0.1, "well": 0.9}}, ("ill", "well", "worse"), "threshold is for two classes"),
    ],
)
def test_what_only_the_classes_tell_is_one_sentence(
    changes: dict[str, Any], classes: tuple[str, ...], sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as refused:
        check_classes(params(tmp_path, **changes), classes)
    assert sentence in str(refused.value)
