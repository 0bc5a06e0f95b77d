"""One replicate of one method: read its images and starting weights, train, write its weights."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from imbalance import arrays, networks, weights
from imbalance.examples import Examples, in_batches, split
from imbalance.methods.baseline import Baseline
from imbalance.recipes import Recipe
from imbalance.seeding import generator
from imbalance.subsets import Subset
from imbalance.training import CurvePoint, train


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

    Writes its weights to `out`; returns its test logits (N, C) and the points of its convergence, for an
    ensemble those of its first member. One single-threaded task: many fill the cores, and the weights do
    not depend on how many cores there are.
    """
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    dataset = arrays.load(data)
    images = Examples.from_arrays(dataset.train_images[subset.indices], dataset.train_labels[subset.indices])
    test = Examples.from_arrays(dataset.test_images, dataset.test_labels)
    trained, curves = [], []
    for index, member in enumerate(method.members()):
        # the first member shares its randomness with all other methods of this replicate
        purpose = f"/{index}" if index else ""
        network = networks.build(recipe.network, dataset.train_images.shape[1:], len(dataset.classes))
        if index and member.start == "initial":
            networks.caffe_xavier(network, generator(seed, replicate, "weights" + purpose))
        else:
            weights.load(network, start, replicate)
        held_out = generator(seed, replicate, "validation")
        training, validation = (
            images.at(positions) for positions in split(images.labels.numpy(), member.validation, held_out)
        )
        rng = generator(seed, replicate, "batches" + purpose)
        iterations = recipe.iterations_within(budget)
        curves.append(train(network, member, recipe, iterations, training, validation, test, rng))
        trained.append(network)
    result = trained[0] if len(trained) == 1 else networks.Ensemble(trained)
    weights.save(result, out, replicate)
    columns = [field.name for field in fields(CurvePoint)]
    return in_batches(result, test.inputs).numpy(), pd.DataFrame(curves[0], columns=columns)
