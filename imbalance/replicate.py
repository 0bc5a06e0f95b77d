"""One replicate of one method: read its images and starting weights, train, write its weights."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from torch import nn

from imbalance import arithmetic, arrays, devices, networks, provenance, tuning, weights
from imbalance.arrays import Arrays
from imbalance.checkpoints import Checkpoint
from imbalance.errors import InputError
from imbalance.examples import Examples, in_batches, split
from imbalance.methods.baseline import Baseline
from imbalance.recipes import Recipe
from imbalance.search import Candidate, Protocol, Trial, again, best, candidates, is_stuck
from imbalance.seeding import generator
from imbalance.subsets import Subset
from imbalance.training import CurvePoint, DivergedError, train

SAMPLE = 1000  # training images, about, that tell whether a network is stuck

# The code that this process has loaded; the files may change while a cluster's worker stays up.
LOADED = {path.as_posix(): provenance.git_hash(provenance.ROOT / path) for path in provenance.library()}


@dataclass(frozen=True)
class Plan:
    """How every replicate of a method is trained: on the images in `data`, from the weights in `start`.

    Where the recipe tries several networks, the `protocol` says which is kept, and the fraction `validation`
    of the images is held out. `reproducible` demands the pinned arithmetic (imbalance/arithmetic.py).
    """

    method: Baseline
    network: str
    recipe: Recipe
    budget: float
    protocol: Protocol
    validation: float
    seed: int
    reproducible: bool
    device: Literal["cpu", "cuda"]
    data: Path
    start: Path

    def held_out(self, method: Baseline) -> float:
        """The fraction of the images held out of a method's training: its own, or the search's."""
        return method.validation or (self.validation if self.recipe.searches else 0)

    def provenances(self, subsets: Sequence[Subset]) -> list[dict[str, Any]]:
        """All that determines each replicate's weights; data and starting weights by their hashes."""
        module = Path(*type(self.method).__module__.split("."))
        network = Path("imbalance/networks", self.network)
        files = [file.with_suffix(".py") for file in (Path("imbalance/replicate"), module, network)]
        shared = {
            "method": {"method": module.name} | self.method.model_dump(mode="json"),
            "network": self.network,
            "recipe": self.recipe.model_dump(mode="json"),
            "budget": self.budget,
            "search": (self.protocol, self.validation) if self.recipe.searches else None,
            "seed": self.seed,
            "reproducible": self.reproducible,
            "device": self.device,
            "processes": devices.size(),
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


@dataclass(frozen=True)
class Result:
    """A trained candidate: its network, test logits (N, C), the convergence of its first member."""

    trial: Trial
    network: nn.Module
    logits: NDArray[np.float32]
    curve: list[CurvePoint]


def train_replicate(
    plan: Plan, replicate: int, subset: Subset, made: dict[str, Any], out: Path, checkpoints: Path
) -> tuple[NDArray[np.float32], pd.DataFrame, pd.DataFrame]:
    """Train a replicate's network on its subset of the images, or go on from its last checkpoint.

    Writes its weights, with its provenance `made`, to `out`; returns its test logits (N, C), the points of
    its convergence, and a table of the trials that it was chosen from, with a column `kept`. One
    single-threaded task: many fill the cores, and the weights do not depend on how many cores there are.
    """
    if plan.reproducible and not arithmetic.unsupported() and not arithmetic.is_pinned():
        raise InputError(
            "this process's arithmetic is not pinned, so its bytes would be its own: start cluster workers "
            "with the module `stages` preloaded, or set `reproducible: false`."
        )
    if not (made["source"].items() <= LOADED.items() and made["versions"] == provenance.versions()):
        raise InputError("this worker runs other code or libraries than the stage; start the workers anew.")
    arithmetic.settle_torch()
    dataset = arrays.load(plan.data)
    kept: Result | None = None
    trials: list[Trial] = []
    position = 0
    left = deque(candidates(plan.recipe.base_lr, plan.recipe.repeats))
    while left:
        candidate = left.popleft()
        try:
            result = _train_candidate(plan, replicate, candidate, dataset, subset, checkpoints)
            trial = result.trial
        except DivergedError:
            if not plan.recipe.searches:
                raise
            result, trial = None, Trial(candidate.base_lr, candidate.draw, "diverged", np.nan, np.nan)
        another = again(candidate, plan.recipe.repeats) if plan.recipe.searches else None
        if trial.state != "trained" and another:
            left.append(another)
        if result and (kept is None or best([kept.trial, trial], plan.protocol) == 1):
            kept, position = result, len(trials)
        trials.append(trial)
    if kept is None:
        raise InputError(
            f"replicate {replicate}: training diverged at every rate; add lower ones to base_lr."
        )
    if devices.rank() == 0:
        weights.save(kept.network, out, replicate, made)
    tried = pd.DataFrame(trials).assign(kept=np.arange(len(trials)) == position)
    columns = [field.name for field in fields(CurvePoint)]
    return kept.logits, pd.DataFrame(kept.curve, columns=columns), tried


def _train_candidate(
    plan: Plan, replicate: int, candidate: Candidate, dataset: Arrays, subset: Subset, checkpoints: Path
) -> Result:
    """Train the members of one candidate, and judge it."""
    method, recipe, seed = plan.method, plan.recipe, plan.seed
    images = Examples.from_arrays(dataset.train_images[subset.indices], dataset.train_labels[subset.indices])
    test = Examples.from_arrays(dataset.test_images, dataset.test_labels)
    iterations = recipe.iterations_within(plan.budget, len(subset.indices))
    members, curves = [], []
    for index, member in enumerate(method.members()):
        # the first member of the first draw shares its randomness with all other methods of this replicate
        purpose = (f"/draw{candidate.draw}" if candidate.draw else "") + (f"/{index}" if index else "")
        held_out = generator(seed, replicate, "validation")
        training, validation = (
            images.at(positions)
            for positions in split(images.labels.numpy(), plan.held_out(member), held_out)
        )
        if recipe.searches and plan.protocol == "clean" and len(np.unique(validation.labels)) < 2:
            raise InputError(
                f"replicate {replicate}: a search by held-out images needs two classes with two images each; "
                "give one rate in base_lr, and repeats: 1."
            )
        network = networks.build(
            plan.network, dataset.train_images.shape[1:], len(dataset.classes), recipe.inputs
        ).to(devices.choose(plan.device))
        weights.load(network, plan.start, replicate)
        if member.start == "initial":
            if purpose:
                networks.initialize(plan.network, network, generator(seed, replicate, "weights" + purpose))
            if recipe.inputs.fitted_to == "subset":
                network.inputs.fit(training.tensor.numpy())
        rng = generator(seed, replicate, "batches" + purpose)
        checkpoint = Checkpoint(checkpoints / f"{candidate.base_lr!r}{purpose.replace('/', '-')}.safetensors")
        parts = (training, validation, test)
        curves.append(
            train(network, member, recipe.with_rate(candidate.base_lr), iterations, *parts, rng, checkpoint)
        )
        members.append(network)
    result = members[0] if len(members) == 1 else networks.Ensemble(members)
    logits = in_batches(result, test.inputs).numpy()
    if not np.isfinite(logits).all():
        raise DivergedError(
            f"replicate {replicate} diverged in its last iterations; lower the learning rate."
        )
    sample = training.at(slice(None, None, max(1, len(training.labels) // SAMPLE)))
    stuck = is_stuck(in_batches(result, sample.inputs).numpy(), sample.labels.numpy())
    validation_auc = np.nan
    if len(validation.labels):
        validation_auc = tuning.auc(in_batches(result, validation.inputs).numpy(), validation.labels.numpy())
    trial = Trial(
        base_lr=candidate.base_lr,
        draw=candidate.draw,
        state="stuck" if stuck else "trained",
        validation_auc=validation_auc,
        test_auc=tuning.auc(logits, dataset.test_labels),
    )
    return Result(trial, result, logits, curves[0])
