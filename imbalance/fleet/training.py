"""The training loop of a fleet. Each network has its own batches, images, rate and class sizes.

All images of the fleet are on the device, as bytes; the positions of the batches are made as for a network
alone, and sent ahead in blocks of iterations. Within a block, the CPU only asks for the next step.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from imbalance import devices
from imbalance.augmentation import Augmentation
from imbalance.checkpoints import Checkpoint
from imbalance.examples import Examples, device_of
from imbalance.files import ImageFiles
from imbalance.fleet import solvers
from imbalance.fleet.capturing import Repeated, compiled
from imbalance.fleet.solvers import Solver
from imbalance.fleet.stacking import Fleet, NotStackableError, stack
from imbalance.jobs import Course, CurvePoint, DivergedError, Job, curve_points, finish, prepare
from imbalance.losses import Context
from imbalance.samplers import Indices, Labels

BLOCK = 200  # iterations, at most

Outcome = list[CurvePoint] | DivergedError


def obstacle(job: Job) -> str | None:
    """Why networks like the job's cannot be trained as a fleet, or None where they can; spends the job."""
    if devices.is_team():
        return "several processes share each network"
    if job.method.asks_the_network:
        return "what it samples depends on the network as it is"
    if isinstance(job.training.inputs, ImageFiles):
        return "their images stay files"
    try:
        stack([job.network.features])
        stack([job.method.head(job.network.classifier, job.rng)])
    except NotStackableError as error:
        return str(error).removesuffix(".")
    return None


def train(jobs: Sequence[Job], checkpoint: Checkpoint | None = None) -> list[Outcome]:
    """Train the jobs' networks in place, all by one method and for as many iterations, at rates of their own.

    Returns the convergence of each, or why it has none. With a `checkpoint`, training goes on from where it
    was when last saved.
    """
    prepared = [prepare(job) for job in jobs]
    courses = [course for course in prepared if course]
    outcomes: list[Outcome] = _fit(courses, checkpoint) if courses else [[] for _ in jobs]
    for job, outcome in zip(jobs, outcomes, strict=True):
        if not isinstance(outcome, DivergedError):
            finish(job)
    return outcomes


@dataclass(frozen=True)
class Pool:
    """The training examples of all members, one after another, on the device.

    `rows` (n, ...) are inputs, images with their channels last; `labels` (n,); member k's begin at `starts`
    (K, 1).
    """

    rows: Tensor
    labels: Tensor
    starts: Tensor

    @classmethod
    def of(cls, parts: Sequence[Examples], device: torch.device) -> "Pool":
        """The pool of the members' examples."""
        first = parts[0].tensor
        order = (0, 2, 3, 1) if first.ndim == 4 else tuple(range(first.ndim))
        rows = torch.cat([part.tensor.permute(order).to(device) for part in parts])
        labels = torch.cat([part.labels for part in parts]).to(device)
        starts = np.cumsum([0, *(len(part.labels) for part in parts[:-1])])
        return cls(rows.contiguous(), labels, torch.from_numpy(starts)[:, None].to(device))

    def take(self, positions: Tensor) -> tuple[Tensor, Tensor]:
        """Inputs (K, N, ...) and labels (K, N) at each member's own positions (K, N)."""
        at = (positions + self.starts).flatten()
        inputs = self.rows.index_select(0, at)
        if inputs.ndim == 4:
            inputs = inputs.permute(0, 3, 1, 2)
        return inputs.reshape(*positions.shape, *inputs.shape[1:]), self.labels.index_select(0, at).view(
            positions.shape
        )


class Block:
    """What a block of iterations needs besides the weights, on the device; a cursor says which one is next.

    `positions` (T, K, P) of the examples, `changes` (T, K, 3, P) of their images where these are augmented,
    `rates` (T, K), `progress` (T).
    """

    def __init__(self, length: int, courses: Sequence[Course], device: torch.device) -> None:
        self.courses, self.taken = courses, courses[0].positions
        members, changed = len(courses), self.taken if courses[0].augmentation else 0
        self.positions = torch.zeros(length, members, self.taken, dtype=torch.int64, device=device)
        self.changes = torch.zeros(length, members, 3, changed, dtype=torch.int64, device=device)
        self.rates = torch.zeros(length, members, device=device)
        self.progress = torch.zeros(length, device=device)
        self.cursor = torch.zeros(1, dtype=torch.int64, device=device)

    def fill(self, drawn: Sequence[Iterator[Indices]], iterations: range) -> None:
        """Put the next iterations into it, and start with the first."""
        positions = [np.stack(list(islice(batches, len(iterations)))) for batches in drawn]
        _put(self.positions, np.stack(positions, axis=1))
        job = self.courses[0].job
        bases = [each.job.method.lr_factor * each.job.recipe.base_lr[0] for each in self.courses]
        factors = [job.recipe.factor(now, job.iterations) for now in iterations]
        _put(self.rates, np.outer(factors, bases))
        _put(self.progress, np.array(iterations) / job.iterations)
        if augmentation := self.courses[0].augmentation:
            changes = [[_changes(augmentation, each, now) for each in self.courses] for now in iterations]
            _put(self.changes, np.array(changes))
        self.cursor.zero_()

    def now(self, tensor: Tensor) -> Tensor:
        """Of one of its tensors (T, ...), the iteration that is next (...)."""
        return tensor.index_select(0, self.cursor)[0]


def _put(buffer: Tensor, values: NDArray[np.number]) -> None:
    """Values (t, ...) into the first t of a buffer (T, ...), without waiting for the device."""
    source = torch.from_numpy(values).to(buffer.dtype)
    source = source.pin_memory() if buffer.is_cuda else source
    buffer[: len(values)].copy_(source, non_blocking=True)


def _changes(augmentation: Augmentation, course: Course, iteration: int) -> NDArray[np.int64]:
    """How the images of an iteration are changed (3, P), as they are for the network alone."""
    parts = []
    for part in range(course.job.recipe.iter_size):
        rng = course.rng(iteration, part)
        rng.integers(2**32)  # the seed of dropout
        parts.append(augmentation.draw(course.job.recipe.batch, rng))
    return np.concatenate(parts, axis=1)


@dataclass
class Run:
    """A fleet in training: `losses` (K,) of the last iteration, `hits` (K,) since the curve's last point.

    `curve` has a tensor (K, 3) for every point so far: accuracy in training, in the test, and the loss.
    """

    fleet: Fleet
    solver: Solver
    losses: Tensor
    hits: Tensor
    curve: list[Tensor] = field(default_factory=list)
    iteration: int = 0

    def state(self) -> dict[str, Tensor]:
        """Everything that the rest of the training depends on, as tensors."""
        return {
            **{f"model.{name}": tensor.contiguous() for name, tensor in self.fleet.state_dict().items()},
            **{f"solver.{name}": tensor.contiguous() for name, tensor in self.solver.state().items()},
            "hits": self.hits,
            "curve": torch.stack(self.curve) if self.curve else torch.empty(0),
            "iteration": torch.tensor(self.iteration),
        }

    def resume(self, state: Mapping[str, Tensor]) -> None:
        """Go on from what `state` gave; from the start where it is empty."""
        if state:
            model, solver = (
                {name.removeprefix(part): tensor for name, tensor in state.items() if name.startswith(part)}
                for part in ("model.", "solver.")
            )
            self.fleet.load_state_dict(model)
            self.solver.load_state(solver)
            self.hits.copy_(state["hits"])
            self.curve = list(state["curve"])
            self.iteration = int(state["iteration"])


def _fit(courses: Sequence[Course], checkpoint: Checkpoint | None) -> list[Outcome]:
    """The training loop; at the end, the courses' models have their weights."""
    job, models, device = courses[0].job, [course.model for course in courses], device_of(courses[0].model)
    fleet = Fleet(models)
    learning = fleet.model.get_submodule(courses[0].learns)
    solver = solvers.build(job.recipe.solver, learning.named_parameters())
    run = Run(fleet, solver, *torch.zeros(2, len(courses), device=device))
    run.resume(checkpoint.load() if checkpoint else {})
    points = sorted(curve_points(job.iterations))
    ends = sorted({0, *range(BLOCK, job.iterations, BLOCK), *points})
    block = Block(max(end - start for start, end in pairwise(ends)), courses, device)
    step = Repeated(_step(courses, run, block), device)
    test = torch.stack([course.test.tensor for course in courses]).to(device)
    answers = torch.stack([course.test.labels for course in courses]).to(device)
    drawn = [islice(course.batches(_nobody_asks), run.iteration, None) for course in courses]
    for start, end in pairwise(ends[ends.index(run.iteration) :]):
        torch.manual_seed(int(courses[0].rng(start, 0).integers(2**32)))  # for dropout
        block.fill(drawn, range(start, end))
        for _ in range(start, end):
            step()
        run.iteration = end
        if end in points:
            since = max((point for point in points if point < end), default=0)
            seen = (end - since) * courses[0].positions
            recognised = _accuracies(fleet, test, answers, job.recipe.batch)
            run.curve.append(torch.stack([run.hits / seen, recognised, run.losses], dim=1).cpu())
            run.hits.zero_()
        if checkpoint:
            checkpoint.note(end * len(courses), at_once=end == job.iterations)
            if checkpoint.is_due() or end == job.iterations:
                checkpoint.save(run.state())
    fleet.copy_to(models)
    return [
        _outcome(course, points, values)
        for course, values in zip(courses, torch.stack(run.curve, dim=1).tolist(), strict=True)
    ]


def _step(courses: Sequence[Course], run: Run, block: Block) -> Callable[[], None]:
    """An iteration of the fleet, in terms of tensors that stay where they are."""
    job, augmentation, device = courses[0].job, courses[0].augmentation, run.losses.device
    pool = Pool.of([course.training for course in courses], device)
    sizes = torch.stack([course.sizes for course in courses]).to(device)

    def lose(positions: Tensor, changes: Tensor, progress: Tensor) -> tuple[Tensor, Tensor]:
        inputs, targets = pool.take(positions)
        if augmentation:
            every = changes.transpose(0, 1).flatten(1)
            inputs = augmentation.augment(inputs.flatten(0, 1), every).view_as(inputs)
        with devices.autocast(device, job.precision):
            logits = run.fleet(inputs).float()
        losses = job.method.loss(logits, targets, Context(sizes, progress))
        return losses, (logits.argmax(dim=-1) == targets).sum(dim=-1)

    lose, update = compiled(lose, device), compiled(run.solver.step, device)

    def step() -> None:
        positions, changes = block.now(block.positions), block.now(block.changes)
        parts = [slice(start, start + job.recipe.batch) for start in range(0, block.taken, job.recipe.batch)]
        found = [lose(positions[:, part], changes[:, :, part], block.now(block.progress)) for part in parts]
        losses = torch.stack([loss for loss, _ in found]).mean(dim=0)
        gradients = torch.autograd.grad(losses.sum(), run.solver.parameters)
        update(gradients, block.now(block.rates))
        run.losses.copy_(losses.detach())
        run.hits.add_(sum(hits for _, hits in found))
        block.cursor.add_(1)

    return step


def _accuracies(fleet: Fleet, inputs: Tensor, labels: Tensor, batch: int) -> Tensor:
    """The share (K,) of its own inputs (K, n, ...), with labels (K, n), that every member decides rightly."""
    fleet.eval()
    with torch.no_grad():
        decided = [fleet(part).argmax(dim=-1) for part in torch.split(inputs, batch, dim=1)]
    fleet.train()
    return (torch.cat(decided, dim=1) == labels).float().mean(dim=1)


def _outcome(course: Course, points: Sequence[int], values: Sequence[Sequence[float]]) -> Outcome:
    """A member's curve from its values (points, 3), or that its loss was no number."""
    curve = []
    for point, (train_accuracy, test_accuracy, loss) in zip(points, values, strict=True):
        if not math.isfinite(loss):
            return course.diverged(point, loss)
        curve.append(CurvePoint(point, train_accuracy, test_accuracy))
    return curve


def _nobody_asks() -> tuple[Labels, Labels]:
    raise AssertionError("a method that asks the network is not trained in a fleet")
