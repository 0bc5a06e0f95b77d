"""Training one network by one method. Deterministic: the same arguments give the same bytes."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, field
from itertools import islice

import numpy as np
import torch
from torch import Tensor, nn

from imbalance import devices
from imbalance import solver as solvers
from imbalance.checkpoints import Checkpoint, resuming
from imbalance.examples import Batch, device_of, feed, in_batches
from imbalance.jobs import Course, CurvePoint, Job, curve_points, finish, prepare
from imbalance.losses import Context
from imbalance.samplers import Indices


@dataclass
class Loop:
    """What the training loop carries from one iteration to the next, besides the model and the solver.

    `answers` are the decisions for the validation data that the sampler has asked for so far.
    """

    iteration: int = 0
    correct: Tensor = field(default_factory=lambda: torch.zeros((), dtype=torch.int64))
    seen: int = 0
    curve: list[CurvePoint] = field(default_factory=list)
    answers: list[Tensor] = field(default_factory=list)


def train(job: Job, checkpoint: Checkpoint | None = None) -> list[CurvePoint]:
    """Train the job's network in place; returns its convergence (Buda et al., Figure 8).

    With a `checkpoint`, training goes on from where it was when last saved, to the same bytes. Raises
    `DivergedError`.
    """
    course = prepare(job)
    curve = _fit(course, checkpoint) if course else []
    finish(job)
    return curve


@dataclass(frozen=True)
class Part(Batch):
    """One of this process's batches whose mean gradient makes an iteration; its last `completes` it."""

    rng: np.random.Generator
    iteration: int
    completes: bool


def _parts(course: Course, drawn: Iterable[tuple[int, Indices]]) -> Iterator[Part]:
    """The parts of numbered iterations."""
    iter_size = course.job.recipe.iter_size
    for iteration, positions in drawn:
        parts, mine = np.split(positions, iter_size), devices.share(iter_size)
        for number in mine:
            yield Part(parts[number], course.rng(iteration, number), iteration, completes=number == mine[-1])


def _fit(course: Course, checkpoint: Checkpoint | None) -> list[CurvePoint]:
    """The training loop; the curve ends with the last iteration.

    A resumed loop draws the batches of the iterations done once more, without training on them, so that
    samplers need not know of checkpoints; what they asked of the network then is answered as it was.
    """
    job, model = course.job, course.model
    method, recipe, iterations = job.method, job.recipe, job.iterations
    trained = model.get_submodule(course.learns)
    device = device_of(model)
    training, validation, test = course.training.to(device), course.validation, course.test
    sizes = course.sizes.to(device)
    solver = solvers.build(recipe.solver, trained.named_parameters())
    with resuming():
        loop = _resume(model, solver, checkpoint)
    loop.correct = loop.correct.to(device)
    if checkpoint:
        checkpoint.note(loop.iteration, at_once=True)
    remembered = deque(loop.answers)

    def validate() -> tuple[Indices, Indices]:
        if remembered:
            decided = remembered.popleft()
        else:
            decided = in_batches(model, validation.inputs).argmax(dim=-1)
            loop.answers.append(decided)
        return decided.numpy(), validation.labels.numpy()

    points = curve_points(iterations)
    drawn = enumerate(course.batches(validate))
    model.train()
    for part, inputs in feed(training.inputs, _parts(course, islice(drawn, loop.iteration, None))):
        torch.manual_seed(int(part.rng.integers(2**32)))  # for dropout
        inputs = inputs.to(device)
        if course.augmentation:
            changes = course.augmentation.draw(len(inputs), part.rng)
            inputs = course.augmentation.augment(inputs, torch.from_numpy(changes).to(device))
        targets = training.labels[part.positions]
        with devices.autocast(device, job.precision):
            logits = model(inputs).float()
        progress = torch.full((), part.iteration / iterations, device=device)
        loss = method.loss(logits, targets, Context(sizes, progress))
        (loss / recipe.iter_size).backward()  # type: ignore[no-untyped-call]
        loop.correct += (logits.argmax(dim=-1) == targets).sum()
        loop.seen += len(part.positions)
        if not part.completes:
            continue
        devices.sum_gradients(trained)
        solver.step(method.lr_factor * recipe.learning_rate(part.iteration, iterations))
        loop.iteration = part.iteration + 1
        if loop.iteration in points:
            if devices.total((~loss.isfinite()).long()):
                raise course.diverged(loop.iteration, loss.item())
            devices.average_statistics(model)
            test_accuracy = (in_batches(model, test.inputs).argmax(dim=-1) == test.labels).double().mean()
            seen = loop.seen * devices.size()
            accuracy = devices.total(loop.correct) / seen
            loop.curve.append(CurvePoint(loop.iteration, accuracy, test_accuracy.item()))
            loop.correct.zero_()
            loop.seen = 0
        if checkpoint and devices.rank() == 0:
            checkpoint.note(loop.iteration, at_once=loop.iteration == iterations)
            if checkpoint.is_due() or loop.iteration == iterations:
                checkpoint.save(_state(model, solver, loop))
    return loop.curve


def _state(model: nn.Module, solver: solvers.Solver, loop: Loop) -> dict[str, Tensor]:
    """Everything that the rest of the training depends on, as tensors."""
    return {
        **{f"model.{name}": tensor.contiguous() for name, tensor in model.state_dict().items()},
        **{f"solver.{name}": tensor.contiguous() for name, tensor in solver.state().items()},
        **{f"answer.{index}": answer for index, answer in enumerate(loop.answers)},
        "curve": torch.tensor([astuple(point) for point in loop.curve], dtype=torch.float64),
        "counts": torch.tensor([loop.iteration, loop.seen, loop.correct.item()]),
    }


def _resume(model: nn.Module, solver: solvers.Solver, checkpoint: Checkpoint | None) -> Loop:
    """Put the model and the solver where `_state` found them; the loop of a first start where it did not."""
    state = checkpoint.load() if checkpoint else {}
    if not state:
        return Loop()
    parts: dict[str, dict[str, Tensor]] = {"model": {}, "solver": {}, "answer": {}}
    for name, tensor in state.items():
        part, _, rest = name.partition(".")
        if rest:
            parts[part][rest] = tensor
    model.load_state_dict(parts["model"])
    solver.load_state(parts["solver"])
    iteration, seen, correct = state["counts"].tolist()
    curve = [CurvePoint(int(point), *accuracies) for point, *accuracies in state["curve"].tolist()]
    answers = [parts["answer"][str(index)] for index in range(len(parts["answer"]))]
    return Loop(iteration, torch.tensor(correct), seen, curve, answers)
