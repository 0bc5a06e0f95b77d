"""Networks of torchvision in params.yaml: one recipe for all, and what does not go with it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from imbalance.config import Params, load_params
from imbalance.errors import InputError

DEFAULT = yaml.safe_load(Path("params.yaml").read_text())


class Plain(yaml.SafeDumper):
    """Writes repeated mappings as such, not as aliases."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def load(
    folder: Path, network: str, recipe: dict[str, Any] | None = None, key: str = "torchvision"
) -> Params:
    raw = DEFAULT | {"dataset": "image_folder", "network": network}
    recipes = raw["recipes"]["image_folder"]
    given = {key: recipes.get(key, recipes["torchvision"]) | (recipe or {})}
    raw["recipes"] = raw["recipes"] | {"image_folder": given | recipes | given}
    path = folder / "params.yaml"
    path.write_text(yaml.dump(raw, Dumper=Plain))
    return load_params(path)


def test_all_networks_share_a_recipe_unless_they_have_their_own(tmp_path: Path) -> None:
    shared = load(tmp_path, "torchvision/resnet34")
    assert shared.architecture == "torchvision/resnet34"
    assert shared.recipe == shared.recipes["image_folder"]["torchvision"]
    assert shared.recipe.pretrained == "imagenet"
    own = load(tmp_path, "torchvision/resnet34", {"batch": 7}, key="torchvision/resnet34")
    assert own.recipe.batch == 7


def test_they_are_never_chosen_for_the_user(tmp_path: Path) -> None:
    """Wherever their recipe stands, and whatever the size of the images."""
    for key in ("torchvision", "torchvision/resnet34"):
        assert load(tmp_path, "auto", {"up_to": 1}, key).architecture == "small_cnn"


@pytest.mark.parametrize("key", ["torchvision", "torchvision/resnet34"])
def test_where_there_are_no_others_one_must_be_named(key: str, tmp_path: Path) -> None:
    own = {key: DEFAULT["recipes"]["image_folder"]["torchvision"]}
    raw = DEFAULT | {"dataset": "image_folder", "recipes": DEFAULT["recipes"] | {"image_folder": own}}
    path = tmp_path / "params.yaml"
    path.write_text(yaml.dump(raw, Dumper=Plain))
    with pytest.raises(InputError) as refused:
        load_params(path)
    assert str(refused.value).split("\n  - ")[1:] == [
        "network: auto chooses none of torchvision's networks, and recipes.image_folder has no others; name "
        "one of them, such as torchvision/resnet18."
    ]


def test_a_dump_names_no_folder_and_mentions_weights_only_where_there_are_some(tmp_path: Path) -> None:
    recipes = load(tmp_path, "torchvision/resnet18", {"pretrained": "/some/where/r.pth"}).recipes[
        "image_folder"
    ]
    assert recipes["torchvision"].model_dump(mode="json")["pretrained"] == "r.pth"
    assert all(
        "pretrained" not in each.model_dump() for name, each in recipes.items() if name != "torchvision"
    )
    none = load(tmp_path, "torchvision/resnet18", {"pretrained": "none"}).recipe
    assert not none.is_pretrained
    assert "pretrained" not in none.model_dump(mode="json")


@pytest.mark.parametrize(
    ("network", "recipe", "key", "problem"),
    [
        ("torchvision", {}, "torchvision", "network: torchvision has many; name one of them, such as torch"),
        (
            "torchvision/resnet81",
            {},
            "torchvision",
            "network: no network 'torchvision/resnet81'; the nearest",
        ),
        (
            "torchvison/resnet18",
            {},
            "torchvision",
            "no network 'torchvison/resnet18'; did you mean 'torchvision'",
        ),
        (
            "torchvision/resnet18",
            {},
            "torchvision/resnet",
            "no network 'torchvision/resnet'; the nearest are",
        ),
        (
            *("torchvision/resnet18", {"inputs": {"name": "scale", "factor": 0.5}}, "torchvision"),
            "recipes.image_folder.torchvision.inputs: torchvision's networks normalise pixels themselves",
        ),
        (
            *("small_cnn", {"pretrained": "imagenet"}, "small_cnn"),
            "recipes.image_folder.small_cnn.pretrained: only networks of torchvision have such weights",
        ),
        ("torchvision/resnet18", {"pretrained": 5}, "torchvision", "pretrained = 5: input should be text"),
    ],
)
def test_what_does_not_go_together_is_refused(
    network: str, recipe: dict[str, Any], key: str, problem: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as refused:
        load(tmp_path, network, recipe, key)
    assert problem in str(refused.value)


def test_a_table_takes_none(tmp_path: Path) -> None:
    recipes = DEFAULT["recipes"] | {"csv": DEFAULT["recipes"]["image_folder"]}
    raw = DEFAULT | {"dataset": "csv", "network": "torchvision/resnet18", "recipes": recipes}
    path = tmp_path / "params.yaml"
    path.write_text(yaml.dump(raw, Dumper=Plain))
    with pytest.raises(InputError, match="torchvision/resnet18 takes images, no rows of a table"):
        load_params(path)
