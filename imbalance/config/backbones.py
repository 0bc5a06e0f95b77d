"""Conditions on the networks of torchvision, which share one recipe, and may be pretrained."""

from collections.abc import Mapping

from imbalance import networks
from imbalance.errors import InputError
from imbalance.training.recipes import Recipe

FAMILY = "torchvision"  # the key of the recipe of all its networks that have none of their own


def is_of_family(network: str) -> bool:
    """Return whether a network is one of torchvision's; also true of the key of their recipe."""
    return network.partition("/")[0] == FAMILY


def key_of(recipes: Mapping[str, Recipe], network: str) -> str:
    """Return the key of a network's recipe: its name, or that of its family."""
    return network if network in recipes else network.partition("/")[0]


def check(network: str, recipe: Recipe, where: str) -> None:
    """Raise a `ValueError` if a network, or its recipe at `where`, does not go with pretrained weights."""
    if network == FAMILY:
        raise ValueError("network: torchvision has many; name one of them, such as torchvision/resnet18")
    if not is_of_family(network):
        if recipe.is_pretrained:
            raise ValueError(
                f"{where}.pretrained: only networks of torchvision have such weights; leave it out"
            )
        return
    try:
        networks.check(network)
    except InputError as error:
        raise ValueError(f"network: {error}") from error
    if recipe.inputs.model_dump() != {"name": "scale", "factor": 1}:
        raise ValueError(
            f"{where}.inputs: torchvision's networks normalise pixels themselves; write "
            "{name: scale, factor: 1}"
        )
