"""Class weights in one word, or by names of classes."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from imbalance.config import load_params
from imbalance.errors import InputError
from imbalance.methods.parts.class_weights import ClassBalanced, Equal, Given, Inverse, Weights


def weights(given: str, folder: Path, **changes: Any) -> Weights:
    """The weights of a method whose block has `weights: ...` as text."""
    raw = yaml.safe_load(Path("params.yaml").read_text()) | changes
    text = yaml.safe_dump(raw | {"methods": {}}).replace("methods: {}\n", "")
    block = f"methods:\n  baseline: {{method: baseline, start: initial}}\n  x: {{method: weighted_cross_entropy, start: initial, weights: {given}}}\n"
    path = folder / "params.yaml"
    path.write_text(text + block)
    return load_params(path).methods["x"].weights


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("inverse", Inverse()),
        ("sqrt", Inverse(power=0.5)),
        ("effective", ClassBalanced()),
        ("equal", Equal()),
        ("{name: inverse, normalisation: examples}", Inverse(normalisation="examples")),
        ("{9: 5, '0': 0.5}", Given(values={"9": 5, "0": 0.5})),
        ("{name: given, values: {9: 5}, after: 0.8}", Given(values={"9": 5}, after=0.8)),
    ],
)
def test_a_word_and_names_of_classes_stand_for_the_whole(
    given: str, expected: Weights, tmp_path: Path
) -> None:
    assert weights(given, tmp_path) == expected


def test_names_of_own_classes_are_not_known_here(tmp_path: Path) -> None:
    assert weights("{tumour: 5}", tmp_path, dataset="image_folder") == Given(values={"tumour": 5})


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("inverted", "methods.x: weights: no 'inverted'; did you mean 'inverse'"),
        ("{ten: 5}", "methods.x: `weights`: no class 'ten'; choose from: 0, 1, 2"),
        ("{9: 0}", "methods.x: weights: 0 for '9'; give a number from 0.000001 to 1000000."),
        ("{9: much}", "methods.x: weights: 'much' for '9'; give a number"),
        ("{9: .inf}", "methods.x: weights: inf for '9'; give a number"),
        ("{true: 5}", "methods.x: weights: true is no name of a class; if it is one, put it in quotes"),
        ("{}", "methods.x: weights: name a class, as in {tumour: 5}"),
        ("{size: 5}", "methods.x: weights: 'size' is a name that DVC's run-cache takes no notice of"),
        ("{normalisation: batch}", "methods.x.weights.name is missing"),
        ("5", "methods.x.weights = 5: input should be a mapping"),
    ],
)
def test_bad_weights_are_refused_with_a_sentence(given: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        weights(given, tmp_path)
    _, *problems = str(refused.value).split("\n  - ")
    assert len(problems) == 1
    assert problems[0].startswith(problem)
