"""The methods' starts, and their validation: every chain leads to `initial`, each method suits its start."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from imbalance.catalogue import suggestion
from imbalance.methods.baseline import Baseline, Head


def check_starts(blocks: Mapping[str, Baseline]) -> None:
    """Raise a `ValueError` if the methods, given by key, cannot start from each other as configured."""
    if "baseline" not in blocks:
        raise ValueError(
            "`baseline` is missing, which every other method is compared with; "
            "add `baseline: {method: baseline, start: initial}`"
        )
    for key, block in blocks.items():
        if block.start not in ("initial", *blocks):
            choices = suggestion(block.start, ["initial", *blocks])
            raise ValueError(f"methods.{key}.start: no method '{block.start}'; {choices}")
    for key in blocks:
        _refuse_heads(chain(key, blocks), blocks)


def chain(key: str, blocks: Mapping[str, Baseline]) -> list[str]:
    """Return a method and those before it: each starts from the next one, and the last from `initial`.

    Raises a `ValueError` if they start from each other in a circle.
    """
    keys = [key]
    while (start := blocks[keys[-1]].start) != "initial":
        keys.append(start)
        if start in keys[:-1]:
            raise ValueError(
                f"{' <- '.join(keys)} start from each other in a circle; let one of them start from initial"
            )
    return keys


def _refuse_heads(keys: Sequence[str], blocks: Mapping[str, Baseline]) -> None:
    """Raise a `ValueError` if a method in a chain cannot continue from the head of its start."""
    head: Head = "own"
    for start, key in pairwise(["initial", *reversed(keys)]):
        if head not in blocks[key].goes_on_from:
            raise ValueError(f"{key}.start: '{start}' {_ENDS[head]}")
        head = blocks[key].ends_with(head)


# The reasons why a method cannot continue from the head of its start, and what to do.
_ENDS: dict[Head, str] = {
    "ensemble": "trains several networks, and a method goes on from one; start from another method, or let "
    "that one train a single network (`fused: false`, `subsets: 1`)",
    "normalised": "ends with a normalised classifier, and this method needs the plain linear one; start from "
    "another method, such as baseline",
    "clusters": "ends with centers of clusters, which cannot be trained; start from another method",
    "centers": "ends with centers of classes, which cannot be trained; start from what it starts from itself",
}
