"""Train the networks of all replicates by one method: `python -m stages.train <method>`."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from tqdm import tqdm

from imbalance import subsets
from imbalance.config import load_params
from imbalance.errors import InputError
from imbalance.replicate import train_replicate
from stages import run


def main() -> None:
    """data, models/<start> -> models/<key>, data/predictions/<key>."""
    key = sys.argv[1]
    params = load_params()
    if key not in params.methods:
        raise InputError(f"params.yaml has no method '{key}'.")
    method = params.methods[key]
    if method.corrects_twice:
        print(
            f"warning: {key}: its loss already makes up for the class priors, and so does its sampler "
            f"'{method.sampler.name}'; together they overshoot towards the minority.",
            file=sys.stderr,
        )
    drawn = subsets.load(Path("data/subset"))
    tasks = (
        delayed(train_replicate)(
            replicate,
            subset,
            method,
            params.recipe,
            budget=params.budget,
            seed=params.seed,
            data=Path("data/raw") / params.dataset,
            start=Path("models") / method.start,
            out=Path("models") / key,
        )
        for replicate, subset in enumerate(drawn)
    )
    networks = Parallel(n_jobs=-1, return_as="generator")(tasks)
    logits, curves = zip(*tqdm(networks, key, len(drawn), unit="network"), strict=True)

    predictions = Path("data/predictions") / key
    predictions.mkdir(parents=True, exist_ok=True)
    np.save(predictions / "logits.npy", np.stack(logits))
    convergence = pd.concat(curves, keys=range(len(drawn)), names=["replicate"]).reset_index("replicate")
    convergence.insert(0, "method", key)
    convergence.round(6).to_csv(predictions / "convergence.csv", index=False)


if __name__ == "__main__":
    run(main)
