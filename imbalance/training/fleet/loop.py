"""The training loop of a fleet. Each network has its own batches, images, learning rate and class sizes.

All images of the fleet are on the device, as bytes. The positions of the batches are drawn as for a network
alone, and copied to the device in blocks of iterations. Within a block, the CPU only launches the steps.
"""

import math
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any, NoReturn

import torch
from torch import Tensor

from imbalance.data.examples import Examples, device_of
from imbalance.errors import InputError
from imbalance.methods.parts.losses import Context
from imbalance.methods.parts.mixing import mixed
from imbalance.networks.parts.stacking import by_member
from imbalance.training import checkpoints, curves, devices
from imbalance.training.checkpoints import Checkpoint, resuming
from imbalance.training.fleet import solvers
from imbalance.training.fleet.capturing import Repeated, compiled
from imbalance.training.fleet.data import Block, Pool, stacked
from imbalance.training.fleet.solvers import Solver
from imbalance.training.fleet.stacking import Fleet
from imbalance.training.jobs import Course, DivergedError, Job, finish, prepare
from imbalance.training.records import CurvePoint

BLOCK = 200  # iterations, at most

Outcome = list[CurvePoint] | DivergedError


def train(jobs: Sequence[Job], checkpoint: Checkpoint | None = None) -> list[Outcome]:
    """Train the jobs' networks in place, all by one method and equally long, each at its own learning rate.

    Returns the convergence of each network, or the error of one that diverged. With a `checkpoint`, training
    resumes from the last save.
    """
    courses = [course for job in jobs if (course := prepare(job))]
    outcomes: list[Outcome] = _fit(courses, checkpoint) if courses else [[] for _ in jobs]
    for job, outcome in zip(jobs, outcomes, strict=True):
        if not isinstance(outcome, DivergedError):
            finish(job)
    return outcomes


def _fit(courses: Sequence[Course], checkpoint: Checkpoint | None) -> list[Outcome]:
    """Run the training loop; at the end, the weights are copied to the models of the courses."""
    models, iterations = [course.model for course in courses], courses[0].job.iterations
    fleet = Fleet(models)
    run = Run(courses, fleet, checkpoint)
    points = sorted(curves.points(iterations))
    ends = sorted({0, *range(BLOCK, iterations, BLOCK), *points})
    for end in [end for end in ends if end > run.iteration]:
        run.advance(end)
        if end in points:
            run.measure()
        if checkpoint:
            checkpoint.note(end * len(courses), at_once=end == iterations)
            if checkpoint.is_due() or end == iterations:
                checkpoint.save(run.state())
    run.spend()
    fleet.copy_to(models)
    values = torch.stack(run.curve, dim=1).tolist()
    return [_outcome(course, points, own) for course, own in zip(courses, values, strict=True)]


class Run:
    """A fleet in training, with `iteration` iterations done, at first as many as in its checkpoint.

    `curve` has a tensor (K, 3 + 2 C) for every point so far: the loss, then the numbers of a `CurvePoint`
    but for the iteration.
    """

    def __init__(self, courses: Sequence[Course], fleet: Fleet, checkpoint: Checkpoint | None) -> None:
        self._courses, self._job, self._fleet = courses, courses[0].job, fleet
        device = device_of(courses[0].model)
        learning = fleet.model.get_submodule(courses[0].learns)
        self._solver = solvers.build(self._job.recipe.solver, learning.named_parameters())
        self._losses, self._hits = torch.zeros(2, len(courses), device=device)
        self._seen = 0
        self.curve: list[Tensor] = []
        self.iteration = 0
        with resuming(checkpoint) as state:
            if state:
                self._resume(state)
        self._test = stacked([course.test for course in courses]).to(device)
        self._known = stacked([course.known for course in courses]).to(device)
        self._block = Block(min(BLOCK, self._job.iterations), courses, device)
        views = [course.view(_nobody_asks, _nobody_asks) for course in courses]
        drawn = [course.batches(view) for course, view in zip(courses, views, strict=True)]
        self._drawn = [islice(batches, self.iteration, None) for batches in drawn]
        self._step = Repeated(
            _step(courses, fleet, self._solver, self._block, self._losses, self._hits), device
        )
        fleet.train()

    def advance(self, end: int) -> None:
        """Train until `end` iterations are done, at most `BLOCK` more."""
        torch.manual_seed(int(self._courses[0].rng(self.iteration, 0).integers(2**32)))  # for dropout
        iterations = range(self.iteration, end)
        self._block.fill(self._drawn, iterations)
        for _ in iterations:
            self._step()
        self._seen += len(iterations) * self._courses[0].positions
        self.iteration = end

    def measure(self) -> None:
        """Add a point to the curve, and reset the counts."""
        self._fleet.eval()
        decided, recognised = self._decide(self._test), self._decide(self._known)
        self._fleet.train()
        classes, answers = self._job.network.classes, self._test.labels
        accuracies = self._hits / self._seen, (decided == answers).float().mean(dim=1)
        recalls = (
            curves.class_recalls(recognised, self._known.labels, classes),
            curves.class_recalls(decided, answers, classes),
        )
        self.curve.append(torch.column_stack([self._losses, *accuracies, *recalls]).cpu())
        self._hits.zero_()
        self._seen = 0

    def _decide(self, examples: Examples) -> Tensor:
        """Return the decisions (K, N) of the networks on examples (K, N, ...)."""
        with torch.no_grad():
            parts = torch.split(examples.tensor, self._job.recipe.batch, dim=1)
            return torch.cat([self._fleet(part).argmax(dim=-1) for part in parts], dim=1)

    def spend(self) -> None:
        """Draw the batches left after resuming at the end, so that generators end in the same state."""
        for batches in self._drawn:
            deque(batches, maxlen=0)

    def state(self) -> dict[str, Tensor]:
        """Return everything that the rest of the training depends on, as tensors on the CPU."""
        return {
            **checkpoints.join({"model": self._fleet.state_dict(), "solver": self._solver.state()}),
            "hits": self._hits.cpu(),
            "curve": torch.stack(self.curve) if self.curve else torch.empty(0),
            "counts": torch.tensor([self.iteration, self._seen]),
        }

    def _resume(self, state: Mapping[str, Tensor]) -> None:
        self._fleet.load_state_dict(checkpoints.part(state, "model"))
        self._solver.load_state(checkpoints.part(state, "solver"))
        self._hits.copy_(state["hits"])
        self.curve = list(state["curve"])
        self.iteration, self._seen = state["counts"].tolist()


def _step(
    courses: Sequence[Course],
    fleet: Fleet,
    solver: Solver[Any],
    block: Block,
    last_losses: Tensor,
    all_hits: Tensor,
) -> Callable[[], None]:
    """Return an iteration on tensors that stay in place; its results go to the last two arguments (K,)."""
    job, augmentation, device = courses[0].job, courses[0].augmentation, last_losses.device
    pool = Pool.of([course.training for course in courses], device)
    sizes = torch.stack([course.sizes for course in courses]).to(device)
    batch, weight = job.recipe.batch, 1 / job.recipe.iter_size
    model, members, mixes = fleet.network, fleet.size, courses[0].mixes
    input_layer, hidden_layers = model.features[:1], model.features[1:]

    unmixed = torch.ones(members, device=device)
    state = {name: tensor.to(device) for name, tensor in job.method.state(job.network.classes).items()}

    def classifier(features: Tensor) -> Tensor:
        return by_member(model.classifier(features.flatten(0, 1)), members)

    def losses_and_hits(
        inputs: Tensor,
        targets: Tensor,
        positions: Tensor,
        changes: Tensor,
        others: Tensor,
        shares: Tensor,
        progress: Tensor,
    ) -> tuple[Tensor, Tensor]:
        images = inputs.flatten(0, 1)
        if augmentation is not None:
            images = augmentation.augment(images, changes.transpose(0, 1).flatten(1))
        with devices.autocast(device, job.precision):
            rows = input_layer(images)
            if mixes:
                rows = mixed(by_member(rows, members), others, shares).flatten(0, 1)
            features = hidden_layers(rows)
            logits = by_member(model.classifier(features), members).float()
        partners = targets.gather(-1, others) if mixes else targets
        known = by_member(features, members).float()
        context = Context(sizes, progress, known, positions, partners, shares, state, classifier)
        losses = job.method.loss(logits, targets, context)
        return losses, (logits.argmax(dim=-1) == targets).sum(dim=-1)

    losses_and_hits, update = compiled(losses_and_hits, device), compiled(solver.step, device)

    def step() -> None:
        positions, changes = block.now(block.positions), block.now(block.changes)
        partners, shares = block.now(block.partners), block.now(block.shares)
        gradients: list[Tensor] = []
        last_losses.zero_()
        for number in range(job.recipe.iter_size):
            part = slice(number * batch, (number + 1) * batch)
            inputs, targets = pool.take(positions[:, part])
            losses, hits = losses_and_hits(
                inputs,
                targets,
                positions[:, part],
                changes[:, :, part],
                partners[:, part],
                shares[:, number] if mixes else unmixed,
                block.now(block.progress),
            )
            # single-threaded, as deterministic mode does not reach the compiler in autograd's other threads
            with torch.autograd.set_multithreading_enabled(False):
                found = torch.autograd.grad(weight * losses.sum(), solver.parameters)
            gradients = [*map(torch.add, gradients, found)] if gradients else [*found]
            last_losses.add_(weight * losses.detach())
            all_hits.add_(hits)
        update(gradients, block.now(block.rates))
        block.cursor.add_(1)

    return step


def _outcome(course: Course, points: Sequence[int], values: Sequence[Sequence[float]]) -> Outcome:
    """Return a member's curve from its values (points, 3 + 2 C), or an error if its loss is not finite."""
    curve = []
    for point, (loss, *numbers) in zip(points, values, strict=True):
        if not math.isfinite(loss):
            return course.diverged(point, loss)
        curve.append(CurvePoint.of_numbers([point, *numbers]))
    return curve


def _nobody_asks(*_: object) -> NoReturn:
    raise InputError(
        "the method's `epochs` asked the network; such a method must say so, with "
        "`asks_the_network: ClassVar[bool] = True`, and each of its networks is trained by itself."
    )
