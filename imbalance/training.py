"""Training one network by one method. Deterministic: the same arguments give the same bytes."""

from collections import deque
from collections.abc import Iterator
from dataclasses import astuple, dataclass, field
from itertools import islice

import numpy as np
import torch
from torch import Tensor, nn

from imbalance.checkpoints import Checkpoint
from imbalance.errors import InputError
from imbalance.examples import Examples, in_batches
from imbalance.losses import Context
from imbalance.methods.baseline import Baseline
from imbalance.networks import Network
from imbalance.recipes import Recipe
from imbalance.samplers import Indices
from imbalance.solver import CaffeSGD

CURVE_POINTS = 10
CURVE_IMAGES = 1000


@dataclass(frozen=True)
class CurvePoint:
    """Accuracy after `iteration` iterations: of the training batches since the last point, of test images."""

    iteration: int
    train_accuracy: float
    test_accuracy: float


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


def train(
    network: Network,
    method: Baseline,
    recipe: Recipe,
    iterations: int,
    training: Examples,
    validation: Examples,
    test: Examples,
    rng: np.random.Generator,
    checkpoint: Checkpoint | None = None,
) -> list[CurvePoint]:
    """Train `network` in place on the images `training`; returns its convergence (Buda et al., Figure 8).

    Features that are not trained are computed once. Test images only draw the curve; nothing is selected
    by them: what adapts or tunes does so by `validation`, which the method holds out of its training.
    With a `checkpoint`, training goes on from where it was when last saved, to the same bytes. Raises
    `InputError` where the method needs another kind of classifier than the network's, or training diverges.
    """
    if method.needs_linear_classifier and not isinstance(network.classifier, nn.Linear):
        raise InputError(
            f"method '{type(method).__module__.rpartition('.')[2]}' needs a linear classifier, and that of "
            f"network '{recipe.network}' is none; choose another network or method."
        )
    sizes = torch.bincount(training.labels, minlength=network.classes).float()
    curve_test = test.at(slice(None, None, max(1, len(test.labels) // CURVE_IMAGES)))
    network.classifier = method.head(network.classifier, rng)
    curve: list[CurvePoint] = []
    if method.trains == "network":
        curve = _fit(
            network, method, recipe, iterations, sizes, training, validation, curve_test, rng, checkpoint
        )
    if method.trains != "network" or type(method).finish is not Baseline.finish:
        training, validation, curve_test = (
            Examples(in_batches(network.features, part.inputs), part.labels)
            for part in (training, validation, curve_test)
        )
    if method.trains == "classifier":
        head = network.classifier
        curve = _fit(
            head, method, recipe, iterations, sizes, training, validation, curve_test, rng, checkpoint
        )
    network.classifier = method.finish(network.classifier, training, validation, rng)
    return curve


def batches(epochs: Iterator[Indices], iterations: int, batch: int) -> Iterator[Indices]:
    """Cut endless epochs into `iterations` batches (batch,) of positions.

    Epochs follow each other without a gap, so a batch may reach into the next epoch, as in Caffe.
    """
    left = np.empty(0, np.int64)
    for _ in range(iterations):
        while len(left) < batch:
            left = np.concatenate([left, next(epochs)])
        yield left[:batch]
        left = left[batch:]


def _fit(
    model: nn.Module,
    method: Baseline,
    recipe: Recipe,
    iterations: int,
    sizes: Tensor,
    training: Examples,
    validation: Examples,
    test: Examples,
    rng: np.random.Generator,
    checkpoint: Checkpoint | None,
) -> list[CurvePoint]:
    """The training loop; the curve's last point comes after the last iteration.

    A resumed loop draws the batches of the iterations done once more, without training on them, so that
    samplers need not know of checkpoints; what they asked of the network then is answered as it was.
    """
    training = method.prepare(training, rng)
    solver = CaffeSGD(model.named_parameters(), recipe)
    loop = _resume(model, solver, checkpoint)
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

    noise = int(rng.spawn(1)[0].integers(2**62))  # for dropout; takes nothing from the stream of the batches
    epochs = method.epochs(training.labels.numpy(), rng, validate)
    points = {round(iterations * point / CURVE_POINTS) for point in range(1, CURVE_POINTS + 1)} - {0}
    drawn = enumerate(map(torch.from_numpy, batches(epochs, iterations, recipe.batch)))
    model.train()
    for iteration, batch in islice(drawn, loop.iteration, None):
        torch.default_generator.manual_seed(noise + iteration)  # not by what was drawn before: a loop resumes
        targets = training.labels[batch]
        logits = model(training.inputs[batch])
        loss = method.loss(logits, targets, Context(sizes, progress=iteration / iterations))
        loss.backward()  # type: ignore[no-untyped-call]
        solver.step(method.lr_factor * recipe.learning_rate(iteration, iterations))
        loop.iteration = iteration + 1
        loop.correct += (logits.argmax(dim=-1) == targets).sum()
        loop.seen += len(batch)
        if loop.iteration in points:
            if not loss.isfinite():
                raise InputError(
                    f"training diverged before iteration {loop.iteration}: the loss is {loss.item()}; "
                    f"lower base_lr ({recipe.base_lr:g}) in its recipe, or lr_factor ({method.lr_factor:g})."
                )
            test_accuracy = (in_batches(model, test.inputs).argmax(dim=-1) == test.labels).double().mean()
            accuracy = loop.correct.item() / loop.seen
            loop.curve.append(CurvePoint(loop.iteration, accuracy, test_accuracy.item()))
            loop.correct.zero_()
            loop.seen = 0
        if checkpoint:
            checkpoint.note(loop.iteration, at_once=loop.iteration == iterations)
            if checkpoint.is_due() or loop.iteration == iterations:
                checkpoint.save(_state(model, solver, loop))
    return loop.curve


def _state(model: nn.Module, solver: CaffeSGD, loop: Loop) -> dict[str, Tensor]:
    """Everything that the rest of the training depends on, as tensors."""
    return {
        **{f"model.{name}": tensor.contiguous() for name, tensor in model.state_dict().items()},
        **{f"solver.{name}": tensor.contiguous() for name, tensor in solver.state().items()},
        **{f"answer.{index}": answer for index, answer in enumerate(loop.answers)},
        "curve": torch.tensor([astuple(point) for point in loop.curve], dtype=torch.float64),
        "counts": torch.tensor([loop.iteration, loop.seen, loop.correct.item()]),
    }


def _resume(model: nn.Module, solver: CaffeSGD, checkpoint: Checkpoint | None) -> Loop:
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
