"""Training one network by one method. Deterministic: the same arguments give the same bytes."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

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


def train(
    network: Network,
    method: Baseline,
    recipe: Recipe,
    iterations: int,
    training: Examples,
    validation: Examples,
    test: Examples,
    rng: np.random.Generator,
) -> list[CurvePoint]:
    """Train `network` in place on the images `training`; returns its convergence (Buda et al., Figure 8).

    Features that are not trained are computed once. Test images only draw the curve; nothing is selected
    by them: what adapts or tunes does so by `validation`, which the method holds out of its training.
    """
    sizes = torch.bincount(training.labels, minlength=network.classifier.out_features).float()
    curve_test = test.at(slice(None, None, max(1, len(test.labels) // CURVE_IMAGES)))
    network.classifier = method.head(network.classifier, rng)
    curve: list[CurvePoint] = []
    if method.trains == "network":
        curve = list(_fit(network, method, recipe, iterations, sizes, training, validation, curve_test, rng))
    if method.trains != "network" or type(method).finish is not Baseline.finish:
        training, validation, curve_test = (
            Examples(in_batches(network.features, part.inputs), part.labels)
            for part in (training, validation, curve_test)
        )
    if method.trains == "classifier":
        head = network.classifier
        curve = list(_fit(head, method, recipe, iterations, sizes, training, validation, curve_test, rng))
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
    sizes: torch.Tensor,
    training: Examples,
    validation: Examples,
    test: Examples,
    rng: np.random.Generator,
) -> Iterator[CurvePoint]:
    """The training loop; yields the points of the curve, the last one after the last iteration."""
    training = method.prepare(training, rng)

    def validate() -> tuple[Indices, Indices]:
        return in_batches(model, validation.inputs).argmax(dim=-1).numpy(), validation.labels.numpy()

    epochs = method.epochs(training.labels.numpy(), rng, validate)
    points = {round(iterations * point / CURVE_POINTS) for point in range(1, CURVE_POINTS + 1)} - {0}
    solver = CaffeSGD(model.named_parameters(), recipe)
    correct, seen = torch.zeros((), dtype=torch.int64), 0
    model.train()
    for iteration, batch in enumerate(map(torch.from_numpy, batches(epochs, iterations, recipe.batch))):
        targets = training.labels[batch]
        logits = model(training.inputs[batch])
        loss = method.loss(logits, targets, Context(sizes, progress=iteration / iterations))
        loss.backward()  # type: ignore[no-untyped-call]
        solver.step(method.lr_factor * recipe.learning_rate(iteration, iterations))
        correct += (logits.argmax(dim=-1) == targets).sum()
        seen += len(batch)
        if iteration + 1 in points:
            if not loss.isfinite():
                raise InputError(
                    f"training diverged before iteration {iteration + 1}: the loss is {loss.item()}; "
                    f"lower base_lr ({recipe.base_lr:g}) in its recipe, or lr_factor ({method.lr_factor:g})."
                )
            test_accuracy = (in_batches(model, test.inputs).argmax(dim=-1) == test.labels).float().mean()
            yield CurvePoint(iteration + 1, correct.item() / seen, test_accuracy.item())
            correct.zero_()
            seen = 0
