"""One replicate of one method: read its images and starting weights, train, write its weights."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance import arithmetic, arrays, networks, provenance, weights
from imbalance.checkpoints import Checkpoint
from imbalance.errors import InputError
from imbalance.examples import Examples, in_batches, split
from imbalance.methods.baseline import Baseline
from imbalance.recipes import Recipe
from imbalance.seeding import generator
from imbalance.subsets import Subset
from imbalance.training import CurvePoint, train

# The code that this process has loaded; the files may change while a cluster's worker stays up.
LOADED = {path.as_posix(): provenance.git_hash(provenance.ROOT / path) for path in provenance.library()}


@dataclass(frozen=True)
class Plan:
    """How every replicate of a method is trained: on the images in `data`, from the weights in `start`.

    `reproducible` demands the pinned arithmetic (imbalance/arithmetic.py).
    """

    method: Baseline
    recipe: Recipe
    budget: float
    seed: int
    reproducible: bool
    data: Path
    start: Path

    def provenances(self, subsets: Sequence[Subset]) -> list[dict[str, Any]]:
        """All that determines each replicate's weights; data and starting weights by their hashes."""
        module = Path(*type(self.method).__module__.split("."))
        network = Path("imbalance/networks", self.recipe.network)
        files = [file.with_suffix(".py") for file in (Path("imbalance/replicate"), module, network)]
        shared = {
            "method": {"method": module.name} | self.method.model_dump(mode="json"),
            "recipe": self.recipe.model_dump(mode="json"),
            "budget": self.budget,
            "seed": self.seed,
            "reproducible": self.reproducible,
            "device": "cpu",
            "data": {"name": self.data.name, "sha256": arrays.fingerprint(arrays.load(self.data))},
            "source": provenance.source(files),
            "versions": provenance.versions(),
        }
        return [
            shared
            | {
                "replicate": replicate,
                "subset": provenance.digest(subset.indices.tobytes()),
                "start": provenance.digest(weights.path(self.start, replicate).read_bytes()),
            }
            for replicate, subset in enumerate(subsets)
        ]


def train_replicate(
    plan: Plan, replicate: int, subset: Subset, made: dict[str, Any], out: Path, checkpoints: Path
) -> tuple[NDArray[np.float32], pd.DataFrame]:
    """Train a replicate's network on its subset of the images, or go on from its last checkpoint.

    Writes its weights, with its provenance `made`, to `out`; returns its test logits (N, C) and the points
    of its convergence, for an ensemble those of its first member. One single-threaded task: many fill the
    cores, and the weights do not depend on how many cores there are.
    """
    if plan.reproducible and not arithmetic.unsupported() and not arithmetic.is_pinned():
        raise InputError(
            "this process's arithmetic is not pinned, so its bytes would be its own: start cluster workers "
            "with the module `stages` preloaded, or set `reproducible: false`."
        )
    if not (made["source"].items() <= LOADED.items() and made["versions"] == provenance.versions()):
        raise InputError("this worker runs other code or libraries than the stage; start the workers anew.")
    arithmetic.settle_torch()
    method, recipe, seed = plan.method, plan.recipe, plan.seed
    dataset = arrays.load(plan.data)
    images = Examples.from_arrays(dataset.train_images[subset.indices], dataset.train_labels[subset.indices])
    test = Examples.from_arrays(dataset.test_images, dataset.test_labels)
    trained, curves = [], []
    for index, member in enumerate(method.members()):
        # the first member shares its randomness with all other methods of this replicate
        purpose = f"/{index}" if index else ""
        network = networks.build(recipe.network, dataset.train_images.shape[1:], len(dataset.classes))
        if index and member.start == "initial":
            networks.initialize(recipe.network, network, generator(seed, replicate, "weights" + purpose))
        else:
            weights.load(network, plan.start, replicate)
        held_out = generator(seed, replicate, "validation")
        training, validation = (
            images.at(positions) for positions in split(images.labels.numpy(), member.validation, held_out)
        )
        rng = generator(seed, replicate, "batches" + purpose)
        iterations = recipe.iterations_within(plan.budget)
        checkpoint = Checkpoint(checkpoints / f"{index}.safetensors")
        curves.append(train(network, member, recipe, iterations, training, validation, test, rng, checkpoint))
        trained.append(network)
    result = trained[0] if len(trained) == 1 else networks.Ensemble(trained)
    logits = in_batches(result, test.inputs).numpy()
    if not np.isfinite(logits).all():
        raise InputError(f"replicate {replicate} diverged in its last iterations; lower the learning rate.")
    weights.save(result, out, replicate, made)
    columns = [field.name for field in fields(CurvePoint)]
    return logits, pd.DataFrame(curves[0], columns=columns)
