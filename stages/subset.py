"""Stage `subset`: draw the imbalanced training set of every replicate, and write its class sizes."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance.config import Params, load_study
from imbalance.data import arrays
from imbalance.data.tables import write
from imbalance.disk import refuse_too_large
from imbalance.errors import InputError
from imbalance.reproducibility.seeding import generator
from imbalance.subsets.profiles import Sizes, class_sizes
from imbalance.subsets.splits import draw_test
from imbalance.subsets.subset import Subset, draw, minority_classes, save
from stages import paths, run


def main() -> None:
    """data/raw/<dataset> -> data/subset, plots/class_sizes.csv; in a study the subsets of all conditions."""
    study = load_study()
    dataset = arrays.load(paths.RAW / study.common.dataset)
    for condition, params in study.conditions.items():
        try:
            drawn = subsets(dataset, params)
        except InputError as error:
            raise InputError(f"{condition}: {error}" if condition else f"{error}") from error
        for line in summary(drawn[0].sizes, available(dataset, drawn[0].test), params):
            print(f"{condition}: {line}" if condition else line)
        save(drawn, paths.SUBSET / condition)
        if not condition:
            write(table_of_sizes(drawn, dataset.classes), paths.CLASS_SIZES)


def subsets(dataset: arrays.Arrays, params: Params) -> list[Subset]:
    """Draw the subsets of all replicates; raises `InputError` if they are too large for the disk."""
    drawn = []
    for replicate in range(params.replicates):
        test = draw_test(dataset, generator(params.seed, replicate, "split"))
        of_classes, of_images = streams(params, replicate)
        sizes = class_sizes(available(dataset, test), params.profile, of_classes)
        drawn.append(draw(dataset.train_labels, sizes, of_images, test))
        if not replicate:
            size = params.replicates * (drawn[0].indices.nbytes + sizes.nbytes)
            refuse_too_large(size, paths.SUBSET, f"the training sets of {params.replicates} replicates")
    return drawn


def streams(params: Params, replicate: int) -> tuple[np.random.Generator, np.random.Generator]:
    """Return the random streams by which a replicate's minority classes, and then its images, are drawn.

    They are one stream, unless `minority` is a number. Then all seeds and replicates have the same classes,
    and a seed draws other images for each number. With `shared: subset`, all draw as replicate 0 does.
    """
    drawn = 0 if params.shared == "subset" else replicate
    if isinstance(params.minority, int):
        purpose = f"subset/{params.minority}"
        return generator(params.minority, 0, "minority"), generator(params.seed, drawn, purpose)
    rng = generator(params.seed, drawn, "subset")
    return rng, rng


def available(dataset: arrays.Arrays, test: NDArray[np.bool_] | None) -> Sizes:
    """Return how many images of each class (C,) a replicate with these test images can train on."""
    labels = dataset.train_labels if test is None else dataset.train_labels[~test]
    return np.bincount(labels, minlength=len(dataset.classes))


def summary(sizes: Sizes, available: Sizes, params: Params) -> Iterator[str]:
    """Yield lines on how many of the `available` images (C,) a replicate uses, by its class `sizes` (C,)."""
    yield (
        f"subset: {sizes.sum()} of {available.sum()} training images in each replicate, {sizes.min()} to "
        f"{sizes.max()} a class"
    )
    if params.profile.has_ranks and sizes.max() < params.n_max:
        yield (
            f"note: n_max = {params.n_max} became {sizes.max()}, the most that classes of {available.min()} "
            f"to {available.max()} images allow; a class with too few is always in the minority"
        )


def table_of_sizes(drawn: list[Subset], classes: tuple[str, ...]) -> pd.DataFrame:
    """Return the table of class sizes: replicate, class, images, minority (Buda et al. 2018, Figure 1)."""
    tables = [
        pd.DataFrame(
            {
                "replicate": replicate,
                "class": classes,
                "images": subset.sizes,
                "minority": minority_classes(subset.sizes),
            }
        )
        for replicate, subset in enumerate(drawn)
    ]
    return pd.concat(tables)


if __name__ == "__main__":
    run(main)
