"""Training one network by one method. Deterministic: the same arguments give the same bytes."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, field
from itertools import islice

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.dropout import _DropoutNd

from imbalance import devices
from imbalance import solver as solvers
from imbalance.checkpoints import Checkpoint
from imbalance.errors import InputError
from imbalance.examples import Batch, Examples, device_of, feed, in_batches
from imbalance.files import ImageFiles
from imbalance.losses import Context
from imbalance.methods.baseline import Baseline
from imbalance.networks import Network
from imbalance.recipes import Recipe
from imbalance.samplers import Indices

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


class DivergedError(InputError):
    """The loss is no longer a number."""


class FrozenFeatures(nn.Module):
    """A network of which only the classifier learns: dropout goes on, but BatchNorm's averages stay."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def train(self, mode: bool = True) -> "FrozenFeatures":
        super().train(mode)
        for layer in self.network.features.modules():
            if isinstance(layer, _BatchNorm):
                layer.eval()
        return self

    def forward(self, images: Tensor) -> Tensor:
        with torch.no_grad():
            features = self.network.features(images)
        return self.network.classifier(features)


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

    Test images only draw the curve; nothing is selected by them: what adapts or tunes does so by
    `validation`, which is held out of the training. Features that are not trained are computed once, unless
    dropout, augmentation or cropping changes them from batch to batch. With a `checkpoint`, training goes on
    from where it was when last saved, to the same bytes. Raises `DivergedError`.
    """
    sizes = torch.bincount(training.labels, minlength=network.classes).float()
    curve_test = test.at(slice(None, None, max(1, len(test.labels) // CURVE_IMAGES)))
    network.classifier = method.head(network.classifier, rng)
    images = (training, validation, curve_test)
    curve: list[CurvePoint] = []
    if method.trains == "network":
        curve = _fit(network, network, method, recipe, iterations, sizes, images, rng, checkpoint)
    elif method.trains == "classifier" and _features_vary(network, method, recipe, training):
        model, head = FrozenFeatures(network), network.classifier
        curve = _fit(model, head, method, recipe, iterations, sizes, images, rng, checkpoint)
    elif method.trains == "classifier":
        features, head = _features(network, images), network.classifier
        unchanged = recipe.model_copy(update={"augmentation": None})
        curve = _fit(head, head, method, unchanged, iterations, sizes, features, rng, checkpoint)
    if type(method).finish is not Baseline.finish:
        features = _features(network, images)
        device = device_of(network.features)
        network.classifier = method.finish(network.classifier.cpu(), features[0], features[1], rng).to(device)
    return curve


def _features_vary(network: Network, method: Baseline, recipe: Recipe, training: Examples) -> bool:
    """Whether a method that trains the classifier wants other features of an image each time it is used.

    Those that make synthetic features of the real ones want these once, and as they are in evaluation.
    """
    dropout = any(isinstance(layer, _DropoutNd) and layer.p > 0 for layer in network.features.modules())
    vary = dropout or recipe.augmentation is not None or isinstance(training.inputs, ImageFiles)
    return vary and type(method).prepare is Baseline.prepare


def _features(network: Network, parts: tuple[Examples, ...]) -> tuple[Examples, ...]:
    return tuple(Examples(in_batches(network.features, part.inputs), part.labels) for part in parts)


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


@dataclass(frozen=True)
class Part(Batch):
    """One of this process's batches whose mean gradient makes an iteration; its last `completes` it."""

    rng: np.random.Generator
    iteration: int
    completes: bool


def _parts(drawn: Iterable[tuple[int, Indices]], iter_size: int, noise: int) -> Iterator[Part]:
    """The parts of numbered iterations, each with a generator of its own, as a loop may resume anywhere."""
    for iteration, positions in drawn:
        parts, mine = np.split(positions, iter_size), devices.share(iter_size)
        for number in mine:
            rng = np.random.default_rng([noise, iteration, number])
            yield Part(parts[number], rng, iteration, completes=number == mine[-1])


def _fit(
    model: nn.Module,
    trained: nn.Module,
    method: Baseline,
    recipe: Recipe,
    iterations: int,
    sizes: Tensor,
    parts: tuple[Examples, ...],
    rng: np.random.Generator,
    checkpoint: Checkpoint | None,
) -> list[CurvePoint]:
    """The training loop, for the part of `model` that is `trained`; the curve ends with the last iteration.

    A resumed loop draws the batches of the iterations done once more, without training on them, so that
    samplers need not know of checkpoints; what they asked of the network then is answered as it was.
    """
    device = device_of(model)
    noise = int(rng.spawn(1)[0].integers(2**32))  # takes nothing from the stream of the batches
    training, validation, test = method.prepare(parts[0], rng), *parts[1:]
    sizes = sizes.to(device)
    solver = solvers.build(recipe.solver, trained.named_parameters())
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

    epochs = method.epochs(training.labels.numpy(), rng, validate)
    points = {round(iterations * point / CURVE_POINTS) for point in range(1, CURVE_POINTS + 1)} - {0}
    drawn = enumerate(batches(epochs, iterations, recipe.batch * recipe.iter_size))
    parts_left = _parts(islice(drawn, loop.iteration, None), recipe.iter_size, noise)
    model.train()
    for part, inputs in feed(training.inputs, parts_left):
        torch.manual_seed(int(part.rng.integers(2**32)))  # for dropout
        inputs = inputs.to(device)
        if recipe.augmentation:
            inputs = recipe.augmentation.augment(inputs, part.rng)
        targets = training.labels[part.positions].to(device)
        logits = model(inputs)
        loss = method.loss(logits, targets, Context(sizes, progress=part.iteration / iterations))
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
                raise DivergedError(
                    f"training diverged before iteration {loop.iteration}: the loss is {loss.item()}; "
                    f"lower base_lr ({recipe.base_lr[0]:g}) in its recipe, "
                    f"or lr_factor ({method.lr_factor:g})."
                )
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
