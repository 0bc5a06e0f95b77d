"""The parameters of one's own images: what goes with repeated splits, and what does not."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from imbalance.config import load_params, load_study
from imbalance.errors import InputError

DEFAULT = yaml.safe_load(Path("params.yaml").read_text())
LENET = DEFAULT["recipes"]["image_folder"]["lenet5"]
OLD = ("root", "pixels", "color", "bits", "test_fraction")  # what a study's params.yaml has


def written(folder: Path, splits: str, **changes: Any) -> Path:
    own = DEFAULT["image_folder"] | {"splits": splits}
    recipes = {"image_folder": {"lenet5": LENET | changes.pop("recipe", {})}}
    path = folder / "params.yaml"
    path.write_text(
        yaml.safe_dump(
            DEFAULT | {"dataset": "image_folder", "image_folder": own, "recipes": recipes} | changes
        )
    )
    return path


def test_keys_that_are_missing_have_the_defaults_of_the_main_file(tmp_path: Path) -> None:
    own = {key: DEFAULT["image_folder"][key] for key in OLD}
    assert load_params(written(tmp_path, "one", image_folder=own)).image_folder == load_params().image_folder


def test_no_inputs_are_fitted_to_the_images_that_replicates_test(tmp_path: Path) -> None:
    whitened = {"inputs": {"name": "gcn_zca", "norm": 55, "epsilon": 0.1, "fit": "all"}}
    load_params(written(tmp_path, "one", recipe=whitened))
    with pytest.raises(
        InputError, match=r"they would see those that replicates test .*; write fit: subset\."
    ):
        load_params(written(tmp_path, "repeated", recipe=whitened))
    whitened["inputs"]["fit"] = "subset"
    load_params(written(tmp_path, "repeated", recipe=whitened))


def test_a_study_of_several_conditions_has_one_test_set(tmp_path: Path) -> None:
    grid: dict[str, Any] = {"rho": [2, 5], "study": {}}
    load_study(written(tmp_path, "one", **grid))
    with pytest.raises(
        InputError,
        match=r"image_folder\.splits: a study of several conditions has one test set; set it to one\.",
    ):
        load_study(written(tmp_path, "repeated", **grid))
    load_study(written(tmp_path, "repeated", rho=[2], study={}))


def test_no_subset_is_shared_by_replicates_with_test_images_of_their_own(tmp_path: Path) -> None:
    load_params(written(tmp_path, "one", shared="subset"))
    refused = "shared: subset, but with image_folder.splits: repeated every replicate has test images"
    with pytest.raises(InputError, match=refused):
        load_params(written(tmp_path, "repeated", shared="subset"))
