"""The draws of subsets: what replicates, seeds and numbers of a minority have in common, and what not."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from imbalance.config import load_params
from imbalance.data.arrays import Arrays
from imbalance.reproducibility.seeding import generator
from imbalance.subsets.profiles import class_sizes
from imbalance.subsets.subset import Subset, draw
from stages.subset import subsets
from tests.builders.parameters import DEFAULT

LABELS = np.random.default_rng(0).permutation(np.repeat(np.arange(10, dtype=np.uint8), 60))
IMAGES = np.zeros((len(LABELS), 1, 2, 2), np.uint8)
DATASET = Arrays(IMAGES, LABELS, IMAGES[:10], LABELS[:10], classes=tuple("abcdefghij"))


@pytest.fixture
def drawn(tmp_path: Path) -> Any:
    """Draw the subsets of four replicates by parameters with some values changed."""

    def of(**changes: Any) -> list[Subset]:
        path = tmp_path / "params.yaml"
        path.write_text(yaml.safe_dump(DEFAULT | {"n_max": 40, "rho": 4, "replicates": 4} | changes))
        return subsets(DATASET, load_params(path))

    return of


def images(found: list[Subset]) -> list[bytes]:
    return [subset.indices.tobytes() for subset in found]


def classes(found: list[Subset]) -> set[bytes]:
    return {subset.sizes.tobytes() for subset in found}


@pytest.mark.parametrize("given", [{}, {"shared": "nothing"}, {"minority": "lowest", "seed": 5}])
def test_replicates_draw_by_the_seed_their_classes_and_then_their_images(
    drawn: Any, given: dict[str, Any], tmp_path: Path
) -> None:
    found = drawn(**given)
    params = load_params(tmp_path / "params.yaml")
    for replicate, subset in enumerate(found):
        rng = generator(given.get("seed", 0), replicate, "subset")
        sizes = class_sizes(np.full(10, 60), params.profile, rng)
        assert subset.indices.tolist() == draw(LABELS, sizes, rng).indices.tolist()
    assert len(set(images(found))) == 4


def test_a_shared_subset_is_that_of_the_first_replicate(drawn: Any) -> None:
    alone, shared = drawn(), drawn(shared="subset")
    assert images(shared) == images(alone)[:1] * 4
    assert images(drawn(shared="subset", seed=1)) != images(shared)


def test_a_number_draws_the_same_minority_in_all_replicates_and_for_all_seeds(drawn: Any) -> None:
    found = {(number, seed): drawn(minority=number, seed=seed) for number in (0, 1, 2) for seed in (0, 1)}
    for number in (0, 1, 2):
        (sizes,) = classes(found[number, 0]) | classes(found[number, 1])
        assert sorted(np.frombuffer(sizes, np.int64)) == [10] * 5 + [40] * 5
    assert len(set().union(*map(classes, found.values()))) == 3
    assert len({image for each in found.values() for image in images(each)}) == 3 * 2 * 4


def test_images_of_two_numbers_are_drawn_apart(drawn: Any) -> None:
    """So that images are nested in classes: of a class that both leave large, a seed draws others for each."""
    one, other = (drawn(minority=number, shared="subset")[0] for number in (0, 1))
    large = np.flatnonzero((one.sizes == 40) & (other.sizes == 40))
    assert len(large)
    for label in large:
        of_class = [set(each.indices[LABELS[each.indices] == label]) for each in (one, other)]
        assert of_class[0] != of_class[1]
