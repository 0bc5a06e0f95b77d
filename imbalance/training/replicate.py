"""The replicates of one method: read images and starting weights, train, write weights."""

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance import networks, weights
from imbalance.data import arrays
from imbalance.data.arrays import Arrays
from imbalance.data.examples import Examples, in_batches, split
from imbalance.errors import InputError
from imbalance.methods.baseline import Baseline
from imbalance.methods.parts import held_out
from imbalance.networks.parts.network import Blueprint, Ensemble, Network
from imbalance.reproducibility import arithmetic, code, provenance
from imbalance.reproducibility.seeding import generator
from imbalance.subsets.subset import Subset
from imbalance.training import devices
from imbalance.training.checkpoints import Checkpoint
from imbalance.training.devices import Precision
from imbalance.training.fleet.chunks import Trained, train_in_fleets
from imbalance.training.fleet.loop import obstacle
from imbalance.training.jobs import CurvePoint, DivergedError, Job
from imbalance.training.loop import train
from imbalance.training.recipes import Recipe
from imbalance.training.search import Candidate, Protocol, Trial, again, best, candidates, is_stuck

SAMPLE = 1000  # training images, about, that tell whether a network is stuck

# The code that this process has loaded; the files may change while a cluster's worker stays up.
LOADED = {path.as_posix(): (code.ROOT / path).read_bytes() for path in code.library()}


@dataclass(frozen=True)
class Plan:
    """How every replicate of a method is trained: on the images in `data`, from the weights in `start`.

    Where the recipe tries several networks, the `protocol` says which is kept, and the fraction `validation`
    of the images is held out. At most `fleet` networks are trained together. `reproducible` demands the
    pinned arithmetic (imbalance/reproducibility/arithmetic.py).
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
    precision: Precision
    fleet: int
    data: Path
    start: Path

    def iterations(self, subset: Subset) -> int:
        """How many iterations a network is trained for."""
        return self.recipe.iterations_within(self.budget, len(subset.indices))

    def provenances(self, subsets: Sequence[Subset]) -> list[dict[str, Any]]:
        """All that determines each replicate's weights; data and starting weights by their hashes."""
        dataset = arrays.load(self.data)
        modules = (__name__, type(self.method).__module__, f"imbalance.networks.{self.network}")
        shared = {
            "method": {"method": modules[1].rpartition(".")[2]} | self.method.model_dump(mode="json"),
            "network": self.network,
            "recipe": self.recipe.model_dump(mode="json"),
            "budget": self.budget,
            "search": (self.protocol, self.validation) if self.recipe.searches else None,
            "seed": self.seed,
            "reproducible": self.reproducible,
            "device": devices.name(devices.choose(self.device)),
            "precision": self.precision,
            "processes": devices.size(),
            "data": {"name": self.data.name, "sha256": arrays.fingerprint(dataset)},
            "classes": list(dataset.classes),
            "source": code.determining(map(code.file_of, modules)),
            "versions": provenance.versions(),
        }
        return [
            shared
            | {
                "replicate": replicate,
                "subset": provenance.digest(subset.indices.tobytes()),
                "sizes": subset.sizes.tolist(),
                "start": provenance.digest(weights.path(self.start, replicate).read_bytes()),
            }
            for replicate, subset in enumerate(subsets)
        ]


@dataclass(frozen=True)
class Result:
    """A trained candidate: its network, test logits (N, C), the convergence and fleet of its first member."""

    trial: Trial
    network: Network | Ensemble
    logits: NDArray[np.float32]
    curve: list[CurvePoint]
    fleet: int


# Test logits (N, C), the points of the convergence, and the trials with a column `kept`.
Outputs = tuple[NDArray[np.float32], pd.DataFrame, pd.DataFrame]


class Search:
    """The networks that are tried for one replicate, one or several, and the best so far."""

    def __init__(self, plan: Plan, replicate: int) -> None:
        self.plan, self.replicate = plan, replicate
        self.left = deque(candidates(plan.recipe.base_lr, plan.recipe.repeats))
        self.trials: list[Trial] = []
        self.kept: Result | None = None

    def add(self, candidate: Candidate, result: Result | None) -> None:
        """Note what became of a candidate, None if it diverged; another may take its place."""
        diverged = Trial(candidate.base_lr, candidate.draw, "diverged", np.nan, np.nan)
        trial = result.trial if result else diverged
        searches, repeats = self.plan.recipe.searches, self.plan.recipe.repeats
        if trial.state != "trained" and searches and (another := again(candidate, repeats)):
            self.left.append(another)
        if result and (self.kept is None or best([self.kept.trial, trial], self.plan.protocol) == 1):
            self.kept = result
        self.trials.append(trial)

    def conclude(self, out: Path, made: dict[str, Any]) -> Outputs:
        """Write the weights of the best network to `out`, with its provenance `made`."""
        if self.kept is None:
            raise InputError(
                f"replicate {self.replicate}: training diverged at every rate; add lower ones to base_lr."
            )
        if devices.rank() == 0:
            weights.save(self.kept.network, out, self.replicate, made | {"fleet": self.kept.fleet})
        kept = self.kept.trial
        tried = pd.DataFrame(self.trials).assign(kept=[trial is kept for trial in self.trials])
        columns = [field.name for field in fields(CurvePoint)]
        return self.kept.logits, pd.DataFrame(self.kept.curve, columns=columns), tried


@dataclass(frozen=True)
class Attempt:
    """One network to train for a candidate of a replicate: its only one, or a member of its ensemble."""

    replicate: int
    candidate: Candidate
    member: int

    @property
    def purpose(self) -> str:
        """Names its random streams, which the first one shares with all other methods of its replicate."""
        draw = f"/draw{self.candidate.draw}" if self.candidate.draw else ""
        return draw + (f"/{self.member}" if self.member else "")


def train_replicate(
    plan: Plan, replicate: int, subset: Subset, made: dict[str, Any], out: Path, checkpoints: Path
) -> Outputs:
    """Train a replicate's network on its subset of the images, or go on from its last checkpoint.

    Writes its weights, with its provenance `made`, to `out`. One single-threaded task: many fill the cores,
    and the weights do not depend on how many cores there are.
    """
    dataset, test = _open(plan, made)
    search = Search(plan, replicate)
    while search.left:
        candidate = search.left.popleft()
        trained = []
        for member in range(len(plan.method.members())):
            attempt = Attempt(replicate, candidate, member)
            name = f"{candidate.base_lr!r}{attempt.purpose.replace('/', '-')}.safetensors"
            job = _job(plan, dataset, test, subset, attempt)
            trained.append(_alone(job, Checkpoint(checkpoints / name)))
        search.add(candidate, _judge(plan, replicate, candidate, trained))
    return search.conclude(out, made)


def train_together(
    plan: Plan, subsets: Sequence[Subset], made: Sequence[dict[str, Any]], out: Path, checkpoints: Path
) -> list[Outputs]:
    """Train the networks of all replicates in fleets of `plan.fleet`; otherwise as `train_replicate`.

    Networks that a search tries again make fleets of their own, after all others.
    """
    dataset, test = _open(plan, made[0])
    searches = [Search(plan, replicate) for replicate in range(len(subsets))]
    members = plan.method.members()
    for turn in count():
        tried = [(search.replicate, search.left.popleft()) for search in searches for _ in [*search.left]]
        if not tried:
            break
        alike: dict[tuple[Baseline, int], list[Attempt]] = defaultdict(list)
        for replicate, candidate in tried:
            length = plan.iterations(subsets[replicate])
            for member, method in enumerate(members):
                alike[method, length].append(Attempt(replicate, candidate, member))
        # judged as soon as its members are there, so that no more images are held than those of a fleet
        waiting: dict[tuple[int, Candidate], list[Trained]] = defaultdict(list)
        for group, attempts in enumerate(alike.values()):
            makers = [partial(_job, plan, dataset, test, subsets[each.replicate], each) for each in attempts]
            results = train_in_fleets(makers, plan.fleet, checkpoints / f"{turn}-{group}")
            for attempt, result in zip(attempts, results, strict=True):
                replicate, candidate = attempt.replicate, attempt.candidate
                waiting[replicate, candidate].append(result)
                if len(waiting[replicate, candidate]) == len(members):
                    of_members = waiting.pop((replicate, candidate))
                    searches[replicate].add(candidate, _judge(plan, replicate, candidate, of_members))
    return [search.conclude(out, each) for search, each in zip(searches, made, strict=True)]


def obstacle_to_fleets(plan: Plan, subset: Subset) -> str | None:
    """Why the plan's networks cannot be trained together, or None where they can."""
    dataset = arrays.load(plan.data)
    test = Examples.from_arrays(dataset.test_images[:1], dataset.test_labels[:1])
    first = candidates(plan.recipe.base_lr, plan.recipe.repeats)[0]
    jobs = (
        _job(plan, dataset, test, subset, Attempt(0, first, member))
        for member in range(len(plan.method.members()))
    )
    return next(filter(None, map(obstacle, jobs)), None)


def _open(plan: Plan, made: dict[str, Any]) -> tuple[Arrays, Examples]:
    """The data and its test images; refuses to compute where it would not give what `made` says."""
    if plan.reproducible and not arithmetic.unsupported() and not arithmetic.is_pinned():
        raise InputError(
            "this process's arithmetic is not pinned, so its bytes would be its own: start cluster workers "
            "with the module `stages` preloaded, or set `reproducible: false`."
        )
    same_code = all(code.hash_of(LOADED.get(name, b"")) == made["source"][name] for name in made["source"])
    if not (same_code and made["versions"] == provenance.versions()):
        raise InputError("this worker runs other code or libraries than the stage; start the workers anew.")
    arithmetic.settle_torch()
    devices.settle(plan.precision)
    dataset = arrays.load(plan.data)
    return dataset, Examples.from_arrays(dataset.test_images, dataset.test_labels)


def _job(plan: Plan, dataset: Arrays, test: Examples, subset: Subset, attempt: Attempt) -> Job:
    """The job of one network, with its images, its initial weights and its randomness."""
    seed, replicate, method = plan.seed, attempt.replicate, plan.method.members()[attempt.member]
    images = Examples.from_arrays(dataset.train_images[subset.indices], dataset.train_labels[subset.indices])
    fraction = plan.recipe.held_out(method.validation, plan.validation)
    training, validation = (
        images.at(positions)
        for positions in split(images.labels.numpy(), fraction, generator(seed, replicate, "validation"))
    )
    if len(np.unique(validation.labels)) < 2:
        needed = "needs two classes with two images each"
        if plan.recipe.searches and plan.protocol == "clean":
            raise InputError(
                f"replicate {replicate}: a search by held-out images {needed}; "
                "give one rate in base_lr, and repeats: 1."
            )
        if method.tunes:
            raise InputError(
                f"replicate {replicate}: the method tunes on held-out images, which {needed}; "
                "train on more images, or choose another method."
            )
    network = _start(plan, dataset, replicate).to(devices.choose(plan.device))
    if method.start == "initial":
        if attempt.purpose:
            rng = generator(seed, replicate, "weights" + attempt.purpose)
            networks.initialize(plan.network, network, rng)
        if plan.recipe.inputs.fitted_to == "subset":
            network.inputs.fit(training.tensor.numpy())
    return Job(
        network=network,
        method=method,
        recipe=plan.recipe.with_rate(attempt.candidate.base_lr),
        iterations=plan.iterations(subset),
        training=training,
        validation=validation,
        test=test,
        rng=generator(seed, replicate, "batches" + attempt.purpose),
        precision=plan.precision,
    )


def _start(plan: Plan, dataset: Arrays, replicate: int) -> Network:
    """The network that a replicate starts from; an `InputError` where it is not one of this run."""
    file = weights.path(plan.start, replicate)
    network = weights.read(file)
    wanted = Blueprint(
        network=plan.network,
        shape=dataset.train_images.shape[1:],
        classes=len(dataset.classes),
        inputs=plan.recipe.inputs,
    )
    if not isinstance(network, Network) or network.blueprint != wanted:
        raise InputError(
            f"{file} holds another network than a {plan.network} for these images; delete it and run "
            "`dvc repro`."
        )
    return network


def _alone(job: Job, checkpoint: Checkpoint) -> Trained:
    """Train one network by itself."""
    try:
        return Trained(job, train(job, checkpoint), fleet=1)
    except DivergedError as error:
        return Trained(job, error, fleet=1)


def _judge(plan: Plan, replicate: int, candidate: Candidate, trained: Sequence[Trained]) -> Result | None:
    """What became of a candidate, by its trained members; None if one diverged, and others are tried."""
    first, curve = trained[0].job, trained[0].outcome
    members = [each.job.network for each in trained]
    network = members[0] if len(members) == 1 else Ensemble(members)
    problem = next((each.outcome for each in trained if isinstance(each.outcome, DivergedError)), None)
    logits = in_batches(network, first.test.inputs).numpy()
    if problem is None and not np.isfinite(logits).all():
        problem = DivergedError(
            f"replicate {replicate} diverged in its last iterations; lower the learning rate."
        )
    if problem and not plan.recipe.searches:
        raise problem
    if problem or isinstance(curve, DivergedError):
        return None
    sample = first.training.at(slice(None, None, max(1, len(first.training.labels) // SAMPLE)))
    stuck = is_stuck(in_batches(network, sample.inputs).numpy(), sample.labels.numpy())
    held_out_labels = first.validation.labels.numpy()
    validation_auc = np.nan
    if len(held_out_labels):
        validation_auc = held_out.auc(in_batches(network, first.validation.inputs).numpy(), held_out_labels)
    trial = Trial(
        base_lr=candidate.base_lr,
        draw=candidate.draw,
        state="stuck" if stuck else "trained",
        validation_auc=validation_auc,
        test_auc=held_out.auc(logits, first.test.labels.numpy()),
    )
    return Result(trial, network.cpu(), logits, curve, trained[0].fleet)
