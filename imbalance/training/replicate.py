"""Training of a method's replicates: read images and initial weights, train, write weights."""

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import count

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance import weights
from imbalance.data import arrays
from imbalance.data.arrays import Arrays
from imbalance.data.examples import Examples, in_batches
from imbalance.errors import InputError
from imbalance.methods.baseline import Baseline
from imbalance.methods.parts import held_out
from imbalance.networks.parts.network import Ensemble, Network
from imbalance.reproducibility import arithmetic, code, provenance
from imbalance.training import devices
from imbalance.training.checkpoints import Checkpoint
from imbalance.training.fleet.chunks import Trained, train_in_fleets
from imbalance.training.fleet.obstacles import obstacle
from imbalance.training.jobs import DivergedError, Job
from imbalance.training.loop import train
from imbalance.training.outputs import Outputs, of_two_classes
from imbalance.training.plan import Attempt, Plan, Replicate
from imbalance.training.records import CurvePoint, convergence, learning
from imbalance.training.search import Candidate, Trial, again, best, candidates, is_stuck

SAMPLE = 1000  # training images, about, by which a network is found to be stuck

# The code that this process has loaded; the files may change while a worker of a cluster keeps running.
LOADED = {path.as_posix(): (code.ROOT / path).read_bytes() for path in code.library()}


@dataclass(frozen=True)
class Result:
    """A trained candidate: its network, test logits (N, C), and its first member's curve and fleet size.

    `validation` are the logits (M, C) and labels (M,) of the held-out images.
    """

    trial: Trial
    network: Network | Ensemble
    logits: NDArray[np.float32]
    validation: tuple[NDArray[np.float32], NDArray[np.int64]]
    curve: list[CurvePoint]
    fleet: int


class Search:
    """The search of one replicate: the networks that are tried, one or several, and the best so far."""

    def __init__(self, plan: Plan, replicate: Replicate) -> None:
        self.plan, self.replicate = plan, replicate
        self._left = deque(candidates(plan.recipe.base_lr, plan.recipe.repeats))
        self._trials: list[Trial] = []
        self._kept: Result | None = None

    def take(self) -> list[Candidate]:
        """Remove the candidates that are left to try from the search, and return them."""
        taken = list(self._left)
        self._left.clear()
        return taken

    def add(self, candidate: Candidate, trained: Sequence[Trained]) -> None:
        """Judge a candidate by its trained members; one that is stuck or has diverged may be drawn again.

        Raises its `DivergedError` if it is the only candidate.
        """
        searches, repeats = self.plan.recipe.searches, self.plan.recipe.repeats
        result = _judge(self.replicate.number, candidate, trained)
        if isinstance(result, Result):
            trial = result.trial
            if self._kept is None or best([self._kept.trial, trial], self.plan.protocol) == 1:
                self._kept = result
        elif searches:
            trial = Trial(candidate.base_lr, candidate.draw, "diverged", np.nan, np.nan)
        else:
            raise result
        if trial.state != "trained" and searches and (another := again(candidate, repeats)):
            self._left.append(another)
        self._trials.append(trial)

    def conclude(self) -> Outputs:
        """Write the weights of the best network with its provenance, and return the replicate's outputs."""
        if self._kept is None:
            raise InputError(
                f"replicate {self.replicate.number}: training diverged at every rate; add lower ones to "
                "base_lr."
            )
        if devices.rank() == 0:
            made = self.replicate.provenance | {"fleet": self._kept.fleet}
            weights.save(self._kept.network, self.plan.out, self.replicate.number, made)
        kept = self._kept.trial
        trials = pd.DataFrame(self._trials).assign(kept=[trial is kept for trial in self._trials])
        return Outputs(
            logits=self.replicate.subset.among_all(self._kept.logits),
            convergence=convergence(self._kept.curve),
            learning=learning(self._kept.curve),
            trials=trials,
            digest=weights.digest(self._kept.network),
            validation=of_two_classes(*self._kept.validation),
        )


def train_replicate(plan: Plan, replicate: Replicate) -> Outputs:
    """Train a replicate's network on its subset of the images, or resume from its last checkpoint.

    The weights are written with their provenance. This is one single-threaded task: many tasks fill the
    cores, and the weights do not depend on the number of cores.
    """
    dataset, test = _open(plan, replicate)
    search = Search(plan, replicate)
    while tried := search.take():
        for candidate in tried:
            trained: list[Trained] = []
            for member in range(len(plan.method.members())):
                attempt = Attempt(replicate, candidate, member)
                name = f"{candidate.base_lr!r}{attempt.purpose.replace('/', '-')}.safetensors"
                job = plan.job(dataset, test, attempt, _networks(trained))
                trained.append(_alone(job, Checkpoint(replicate.checkpoints / name)))
            search.add(candidate, trained)
    return search.conclude()


def train_together(plan: Plan, replicates: Sequence[Replicate]) -> list[Outputs]:
    """Train the networks of all replicates in fleets; otherwise like `train_replicate`.

    Each round trains all networks that do not depend on untrained ones. So networks that a search draws again
    form fleets of their own, as do the members of an ensemble that are trained in sequence.
    """
    dataset, test = _open(plan, replicates[0])
    searches = {replicate.number: Search(plan, replicate) for replicate in replicates}
    members = plan.method.members()
    begun: dict[tuple[int, Candidate], list[Trained]] = {}
    for turn in count():
        begun |= {(number, each): [] for number, search in searches.items() for each in search.take()}
        if not begun:
            break
        alike: dict[tuple[Baseline, int], list[Attempt]] = defaultdict(list)
        for (number, candidate), trained in begun.items():
            replicate = searches[number].replicate
            for member in plan.next_members(len(trained)):
                length = plan.iterations(replicate.subset)
                alike[members[member], length].append(Attempt(replicate, candidate, member))
        for group, attempts in enumerate(alike.values()):
            makers = [
                partial(
                    plan.job, dataset, test, each, _networks(begun[each.replicate.number, each.candidate])
                )
                for each in attempts
            ]
            folder = replicates[0].checkpoints / f"{turn}-{group}"
            results = train_in_fleets(makers, plan.execution.fleet, folder)
            for attempt, result in zip(attempts, results, strict=True):
                place = attempt.replicate.number, attempt.candidate
                begun[place].append(result)
                # judged as soon as all members are trained, so that few jobs hold their images in memory
                if len(begun[place]) == len(members):
                    searches[place[0]].add(attempt.candidate, begun.pop(place))
    return [search.conclude() for search in searches.values()]


def obstacle_to_fleets(plan: Plan, replicate: Replicate) -> str | None:
    """Return the reason why the plan's networks cannot be trained in fleets, or None if they can."""
    dataset = arrays.load(plan.data)
    test = Examples.from_arrays(dataset.test_images[:1], dataset.test_labels[:1])  # as it trains nothing
    replicate = replace(replicate, subset=replace(replicate.subset, test=None))  # which tests that one
    first = candidates(plan.recipe.base_lr, plan.recipe.repeats)[0]
    attempts = (Attempt(replicate, first, member) for member in range(len(plan.method.members())))
    return next(filter(None, (obstacle(plan.job(dataset, test, each, [])) for each in attempts)), None)


def _open(plan: Plan, replicate: Replicate) -> tuple[Arrays, Examples]:
    """Open the data set and its test images, and set up torch.

    Raises `InputError` if this process's arithmetic, code or libraries differ from those in the provenance.
    """
    reproducible, made = plan.execution.reproducible, replicate.provenance
    if reproducible and not arithmetic.unsupported() and not arithmetic.is_pinned():
        raise InputError(
            "this process's arithmetic is not pinned, so its bytes would be its own: start cluster workers "
            "with the module `stages` preloaded, or set `reproducible: false`."
        )
    same_code = all(code.hash_of(LOADED.get(name, b"")) == made["source"][name] for name in made["source"])
    if not (same_code and made["versions"] == provenance.versions()):
        raise InputError("this worker runs other code or libraries than the stage; start the workers anew.")
    arithmetic.settle_torch()
    devices.settle(plan.execution.precision)
    dataset = arrays.load(plan.data)
    return dataset, Examples.from_arrays(dataset.test_images, dataset.test_labels)


def _networks(trained: Sequence[Trained]) -> list[Network]:
    """Return the networks of the members that are trained so far."""
    return [each.job.network for each in trained]


def _alone(job: Job, checkpoint: Checkpoint) -> Trained:
    """Train one network by itself."""
    try:
        return Trained(job, train(job, checkpoint), fleet=1)
    except DivergedError as error:
        return Trained(job, error, fleet=1)


def _judge(number: int, candidate: Candidate, trained: Sequence[Trained]) -> Result | DivergedError:
    """Return the result of a replicate's candidate, or the error of a member that diverged."""
    curves = []
    for each in trained:
        if isinstance(each.outcome, DivergedError):
            return each.outcome
        curves.append(each.outcome)
    members, job = _networks(trained), trained[0].job
    network = members[0] if len(members) == 1 else Ensemble(members)
    logits = in_batches(network, job.test.inputs).numpy()
    if not np.isfinite(logits).all():
        return DivergedError(f"replicate {number} diverged in its last iterations; lower the learning rate.")
    labels = job.validation.labels.numpy()
    predicted = in_batches(network, job.validation.inputs).numpy() if len(labels) else logits[:0]
    trial = _trial(candidate, network, job, logits, predicted)
    return Result(trial, network.cpu(), logits, (predicted, labels), curves[0], trained[0].fleet)


def _trial(
    candidate: Candidate,
    network: Network | Ensemble,
    job: Job,
    logits: NDArray[np.float32],
    predicted: NDArray[np.float32],
) -> Trial:
    """Return the trial of a trained network: whether it is stuck, and its AUCs.

    `logits` are those of the test images (N, C), `predicted` those of the held-out ones (M, C).
    """
    sample = job.training.at(slice(None, None, max(1, len(job.training.labels) // SAMPLE)))
    stuck = is_stuck(in_batches(network, sample.inputs).numpy(), sample.labels.numpy())
    labels = job.validation.labels.numpy()
    validation_auc = held_out.auc(predicted, labels) if len(labels) else np.nan
    return Trial(
        base_lr=candidate.base_lr,
        draw=candidate.draw,
        state="stuck" if stuck else "trained",
        validation_auc=validation_auc,
        test_auc=held_out.auc(logits, job.test.labels.numpy()),
    )
