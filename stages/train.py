"""Train the networks of all replicates by one method: `python -m stages.train <method>`.

One network is one single-threaded task, and tasks fill the cores, so the weights do not depend on the
number of cores nor on the order in which the replicates end.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from joblib import Parallel, delayed
from numpy.typing import NDArray
from tqdm import tqdm

from imbalance import datasets, networks, subsets, weights
from imbalance.config import Params, load_params
from imbalance.errors import InputError
from imbalance.seeding import generator
from imbalance.subsets import Subset
from imbalance.training import Examples, in_batches, train
from stages import run


def main() -> None:
    """data, data/subset, models/<start> -> models/<key>, data/predictions/<key>, plots/convergence/<key>.csv."""
    key = sys.argv[1]
    params = load_params()
    if key not in params.methods:
        raise InputError(f"params.yaml has no method '{key}'.")
    drawn = subsets.load(Path("data/subset"))
    tasks = (delayed(train_replicate)(params, key, replicate, subset) for replicate, subset in enumerate(drawn))
    results = list(tqdm(Parallel(n_jobs=-1, return_as="generator")(tasks), key, len(drawn), unit="network"))

    predictions = Path("data/predictions") / key
    predictions.mkdir(parents=True, exist_ok=True)
    np.save(predictions / "logits.npy", np.stack([logits for logits, _ in results]))
    curves = Path("plots/convergence") / f"{key}.csv"
    curves.parent.mkdir(parents=True, exist_ok=True)
    pd.concat([curve for _, curve in results]).round(6).to_csv(curves, index=False)


def train_replicate(
    params: Params, key: str, replicate: int, subset: Subset
) -> tuple[NDArray[np.float32], pd.DataFrame]:
    """Train one network and write its weights; returns its test logits (N, C) and its convergence."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    method, recipe = params.methods[key], params.recipe
    arrays = datasets.load(Path("data/raw") / params.dataset)
    network = networks.build(recipe.network, arrays.train_images.shape[1:], len(arrays.classes))
    weights.load(network, Path("models") / method.start, replicate)
    test = Examples.from_arrays(arrays.test_images, arrays.test_labels)
    curve = train(
        network,
        method,
        recipe,
        recipe.iterations_within(params.budget),
        Examples.from_arrays(arrays.train_images[subset.indices], arrays.train_labels[subset.indices]),
        test,
        generator(params.seed, replicate, "batches"),
    )
    weights.save(network, Path("models") / key, replicate)
    table = pd.DataFrame({"method": key, "replicate": replicate, **pd.DataFrame(curve).to_dict("list")})
    return in_batches(network, test.inputs).numpy(), table


if __name__ == "__main__":
    run(main)
