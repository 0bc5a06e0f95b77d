"""The methods that a method starts from, in their order."""

import pytest

from imbalance.config.starts import chain
from imbalance.methods.baseline import Baseline


def test_a_chain_goes_from_a_method_to_the_first() -> None:
    starts = {"a": "initial", "b": "a", "c": "b", "d": "a"}
    blocks = {key: Baseline(start=start) for key, start in starts.items()}
    assert [chain(key, blocks) for key in "abcd"] == [["a"], ["b", "a"], ["c", "b", "a"], ["d", "a"]]


def test_a_circle_is_named() -> None:
    blocks = {key: Baseline(start=start) for key, start in {"a": "b", "b": "c", "c": "b"}.items()}
    with pytest.raises(ValueError, match=r"^a <- b <- c <- b start from each other in a circle; let one"):
        chain("a", blocks)
