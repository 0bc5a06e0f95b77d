"""Draw the imbalanced training set of every replicate, and the table of its class sizes."""

from pathlib import Path

import numpy as np
import pandas as pd

from imbalance import arrays
from imbalance.config import load_params
from imbalance.errors import refuse_too_large, replacing
from imbalance.profiles import class_sizes
from imbalance.seeding import generator
from imbalance.subsets import Subset, draw, minority_classes, save
from stages import run


def main() -> None:
    """data/raw/<dataset> -> data/subset, plots/class_sizes.csv."""
    params = load_params()
    dataset = arrays.load(Path("data/raw") / params.dataset)
    available = np.bincount(dataset.train_labels, minlength=len(dataset.classes))
    out = Path("data/subset")
    drawn = []
    for replicate in range(params.replicates):
        rng = generator(params.seed, replicate, "subset")
        sizes = class_sizes(
            available,
            rng,
            imbalance=params.imbalance,
            rho=params.rho,
            mu=params.mu,
            counts=params.counts,
            n_max=params.n_max,
            minority=params.minority,
        )
        drawn.append(draw(dataset.train_labels, sizes, rng))
        if not replicate:
            size = params.replicates * (drawn[0].indices.nbytes + sizes.nbytes)
            refuse_too_large(size, out, f"the training sets of {params.replicates} replicates")
    save(drawn, out)
    with replacing(Path("plots/class_sizes.csv")) as part:
        table_of_sizes(drawn, dataset.classes).to_csv(part, index=False)


def table_of_sizes(drawn: list[Subset], classes: tuple[str, ...]) -> pd.DataFrame:
    """Table of replicate, class, images, minority: the form of the imbalance (Buda et al. 2018, Figure 1)."""
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
