"""The training loop of one network. It is deterministic: the same arguments give the same bytes."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import ParamSpec

import numpy as np
import torch
from torch import Tensor, nn

from imbalance.data.examples import Batch, device_of, feed, in_batches
from imbalance.methods.parts.losses import Context
from imbalance.methods.parts.mixing import mixed
from imbalance.methods.parts.samplers import Indices
from imbalance.training import checkpoints, curves, devices, solvers
from imbalance.training.checkpoints import Checkpoint, resuming
from imbalance.training.jobs import Course, Job, finish, prepare
from imbalance.training.records import CurvePoint

Question = ParamSpec("Question")


@dataclass
class Loop:
    """The state of the training loop between iterations, besides the model and the solver.

    `answers` are the network's answers to the sampler's queries so far, of which a resumed sampler gets the
    `past` ones once more; `state` is that of the method's loss.
    """

    iteration: int = 0
    correct: Tensor = field(default_factory=lambda: torch.zeros((), dtype=torch.int64))
    seen: int = 0
    curve: list[CurvePoint] = field(default_factory=list)
    answers: list[Tensor] = field(default_factory=list)
    state: Mapping[str, Tensor] = field(default_factory=dict)
    past: deque[Tensor] = field(default_factory=deque)

    def remembered(self, ask: Callable[Question, Tensor]) -> Callable[Question, Tensor]:
        """What asks the network, unless it was asked before the checkpoint: then the answer is as it was."""

        def answer(*arguments: Question.args, **keywords: Question.kwargs) -> Tensor:
            if self.past:
                return self.past.popleft()
            self.answers.append(ask(*arguments, **keywords))
            return self.answers[-1]

        return answer


def train(job: Job, checkpoint: Checkpoint | None = None) -> list[CurvePoint]:
    """Train the job's network in place, and return its convergence (Buda et al., Figure 8).

    With a `checkpoint`, training resumes from the last save, and ends with the same bytes. Raises
    `DivergedError` if the loss is not finite at a point of the curve.
    """
    course = prepare(job)
    curve = _fit(course, checkpoint) if course else []
    finish(job)
    return curve


@dataclass(frozen=True)
class Part(Batch):
    """A mini-batch of gradient accumulation in this process, which may begin or complete its iteration."""

    rng: np.random.Generator
    iteration: int
    begins: bool
    completes: bool


def _parts(course: Course, drawn: Iterable[tuple[int, Indices]]) -> Iterator[Part]:
    """Yield this process's mini-batches of the numbered iterations."""
    iter_size = course.job.recipe.iter_size
    for iteration, positions in drawn:
        parts, mine = np.split(positions, iter_size), devices.share(iter_size)
        for number in mine:
            begins, completes = number == mine[0], number == mine[-1]
            yield Part(parts[number], course.rng(iteration, number), iteration, begins, completes)


def _fit(course: Course, checkpoint: Checkpoint | None) -> list[CurvePoint]:
    """Run the training loop, and return the curve, which ends with the last iteration.

    A resumed loop draws the batches of past iterations again, without training on them, so that samplers need
    not know of checkpoints. Their past queries of the network get the recorded answers.
    """
    job, model = course.job, course.model
    method, recipe, iterations = job.method, job.recipe, job.iterations
    trained, device = model.get_submodule(course.learns), device_of(model)
    training, sizes = course.training.to(device), course.sizes.to(device)
    solver = solvers.build(recipe.solver, trained.named_parameters())
    with resuming(checkpoint) as state:
        loop = (
            _resume(model, solver, state) if state else Loop(state=method.state(course.job.network.classes))
        )
    loop.correct = loop.correct.to(device)
    if checkpoint:
        checkpoint.note(loop.iteration, at_once=True)

    points = curves.points(iterations)
    as_it_was = course.view(loop.remembered(course.decide), loop.remembered(course.features_of))
    as_it_is = course.view(course.decide, course.features_of)
    drawn = enumerate(course.batches(as_it_was))
    model.train()
    input_layer, hidden_layers = model.features[:1], model.features[1:]
    for part, inputs in feed(training.inputs, _parts(course, islice(drawn, loop.iteration, None))):
        if part.begins and part.iteration % course.epoch == 0:
            loop.state = course.refreshed(loop.state, part.iteration, as_it_is)
        draws = course.draws(part.rng)
        torch.manual_seed(draws.dropout)
        images = course.augmented(inputs.to(device), draws)
        positions = torch.from_numpy(part.positions).to(device)
        targets = training.labels[positions]
        partners, shares = targets, torch.ones((), device=device)
        with devices.autocast(device, job.precision):
            rows = input_layer(images)
            if draws.mix:
                others = torch.from_numpy(draws.mix.partners).to(device)
                partners, shares = targets[others], shares * draws.mix.share
                rows = mixed(rows, others, shares)
            features = hidden_layers(rows)
            logits = model.classifier(features).float()
        of_loss = {name: tensor.to(device) for name, tensor in loop.state.items()}
        progress = torch.full((), part.iteration / iterations, device=device)
        context = Context(
            sizes, progress, features.float(), positions, partners, shares, of_loss, model.classifier
        )
        loss = method.loss(logits, targets, context)
        (loss / recipe.iter_size).backward()  # type: ignore[no-untyped-call]
        loop.correct += (logits.argmax(dim=-1) == targets).sum()
        loop.seen += len(targets)
        if not part.completes:
            continue
        devices.sum_gradients(trained)
        solver.step(method.lr_factor * recipe.learning_rate(part.iteration, iterations))
        loop.iteration += 1
        if loop.iteration in points:
            loop.curve.append(_measured(course, loop, loss))
        if checkpoint and devices.rank() == 0:
            checkpoint.note(loop.iteration, at_once=loop.iteration == iterations)
            if checkpoint.is_due() or loop.iteration == iterations:
                checkpoint.save(_state(model, solver, loop))
    return loop.curve


def _measured(course: Course, loop: Loop, loss: Tensor) -> CurvePoint:
    """Return the next point of the curve, and reset the counts; raises `DivergedError`."""
    if devices.total((~loss.isfinite()).long()):
        raise course.diverged(loop.iteration, loss.item())
    model, known, test, classes = course.model, course.known, course.test, course.job.network.classes
    devices.average_statistics(model)
    decided, recognised = (in_batches(model, part.inputs).argmax(dim=-1) for part in (test, known))
    train_accuracy = devices.total(loop.correct) / (loop.seen * devices.size())
    loop.correct.zero_()
    loop.seen = 0
    return CurvePoint(
        iteration=loop.iteration,
        train_accuracy=train_accuracy,
        test_accuracy=(decided == test.labels).double().mean().item(),
        train_recalls=tuple(curves.class_recalls(recognised, known.labels, classes).tolist()),
        test_recalls=tuple(curves.class_recalls(decided, test.labels, classes).tolist()),
    )


def _state(model: nn.Module, solver: solvers.Solver, loop: Loop) -> dict[str, Tensor]:
    """Return everything that the rest of the training depends on, as tensors."""
    answers = {str(index): answer for index, answer in enumerate(loop.answers)}
    curve = torch.tensor([point.numbers() for point in loop.curve], dtype=torch.float64)
    counts = torch.tensor([loop.iteration, loop.seen, loop.correct.item()])
    parts = {"model": model.state_dict(), "solver": solver.state(), "answer": answers, "state": loop.state}
    return checkpoints.join(parts) | {"curve": curve, "counts": counts}


def _resume(model: nn.Module, solver: solvers.Solver, state: Mapping[str, Tensor]) -> Loop:
    """Restore model and solver from a saved state, and return the loop with the rest of it."""
    model.load_state_dict(checkpoints.part(state, "model"))
    solver.load_state(checkpoints.part(state, "solver"))
    iteration, seen, correct = state["counts"].tolist()
    curve = [CurvePoint.of_numbers(numbers) for numbers in state["curve"].tolist()]
    answers = checkpoints.part(state, "answer")
    in_order = [answers[str(index)] for index in range(len(answers))]
    of_loss = checkpoints.part(state, "state")
    return Loop(iteration, torch.tensor(correct), seen, curve, in_order, of_loss, deque(in_order))
