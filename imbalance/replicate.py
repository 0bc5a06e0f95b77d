"""One replicate of one method: read its images and starting weights, train, write its weights."""

from pathlib import Path

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from imbalance import arrays, networks, weights
from imbalance.methods.baseline import Baseline
from imbalance.recipes import Recipe
from imbalance.seeding import generator
from imbalance.subsets import Subset
from imbalance.training import Examples, in_batches, train


def train_replicate(
    replicate: int,
    subset: Subset,
    method: Baseline,
    recipe: Recipe,
    *,
    budget: float,
    seed: int,
    data: Path,
    start: Path,
    out: Path,
) -> tuple[NDArray[np.float32], pd.DataFrame]:
    """Train a replicate's network on its subset of the images in `data`, from the weights in `start`.

    Writes its weights to `out`; returns its test logits (N, C) and the points of its convergence. One
    single-threaded task: many fill the cores, and the weights do not depend on how many cores there are.
    """
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    dataset = arrays.load(data)
    network = networks.build(recipe.network, dataset.train_images.shape[1:], len(dataset.classes))
    weights.load(network, start, replicate)
    training = Examples.from_arrays(
        dataset.train_images[subset.indices], dataset.train_labels[subset.indices]
    )
    test = Examples.from_arrays(dataset.test_images, dataset.test_labels)
    rng = generator(seed, replicate, "batches")
    curve = train(network, method, recipe, recipe.iterations_within(budget), training, test, rng)
    weights.save(network, out, replicate)
    return in_batches(network, test.inputs).numpy(), pd.DataFrame(curve)
