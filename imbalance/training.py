"""Training one network by one method. Deterministic: the same arguments give the same bytes."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from imbalance.errors import InputError
from imbalance.methods.baseline import Baseline, Indices
from imbalance.networks import Network
from imbalance.recipes import Recipe
from imbalance.solver import CaffeSGD

EVALUATION_BATCH = 500
CURVE_POINTS = 10
CURVE_IMAGES = 1000


@dataclass(frozen=True)
class Examples:
    """Inputs (n, ...) to a network, uint8 images, or to a classifier, float32 features; labels (n,) int64."""

    inputs: Tensor
    labels: Tensor

    @classmethod
    def from_arrays(cls, images: NDArray[np.uint8], labels: NDArray[np.integer]) -> "Examples":
        """Examples of the images (n, channels, height, width)."""
        inputs = torch.from_numpy(np.array(images)).to(memory_format=torch.channels_last)
        return cls(inputs, torch.from_numpy(labels.astype(np.int64)))

    def every(self, step: int) -> "Examples":
        """Every `step`-th example."""
        return Examples(self.inputs[::step], self.labels[::step])


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
    test: Examples,
    rng: np.random.Generator,
) -> list[CurvePoint]:
    """Train `network` in place on the subset `training`; returns its convergence (Buda et al., Figure 8).

    Where the method trains the classifier alone, the features are computed once and the classifier is
    trained on them: they do not change. Test images only draw the curve; nothing is selected by them.
    """
    batches = draw_batches(method, training.labels.numpy(), iterations, recipe.batch, rng)
    curve_test = test.every(max(1, len(test.labels) // CURVE_IMAGES))
    model: nn.Module = network
    if method.trains == "classifier":
        model = network.classifier
        training = Examples(in_batches(network.features, training.inputs), training.labels)
        curve_test = Examples(in_batches(network.features, curve_test.inputs), curve_test.labels)
    return list(_fit(model, method, recipe, training, torch.from_numpy(batches), curve_test))


def draw_batches(
    method: Baseline, labels: NDArray[np.integer], iterations: int, batch: int, rng: np.random.Generator
) -> Indices:
    """The positions (iterations, batch) of the examples of every batch, all drawn before training starts.

    Epochs follow each other without a gap, so a batch may reach into the next epoch, as in Caffe.
    """
    needed = iterations * batch
    drawn: list[Indices] = []
    for epoch in method.epochs(labels, rng):
        drawn.append(epoch[:needed])
        needed -= len(drawn[-1])
        if needed == 0:
            break
    return np.concatenate(drawn).reshape(iterations, batch)


def in_batches(model: nn.Module, inputs: Tensor) -> Tensor:
    """The model's outputs for all inputs, in evaluation mode and without gradients."""
    model.eval()
    with torch.no_grad():
        return torch.cat([model(part) for part in torch.split(inputs, EVALUATION_BATCH)])


def _fit(
    model: nn.Module, method: Baseline, recipe: Recipe, training: Examples, batches: Tensor, test: Examples
) -> Iterator[CurvePoint]:
    """The training loop; yields the points of the curve, the last one after the last iteration."""
    iterations = len(batches)
    points = {round(iterations * point / CURVE_POINTS) for point in range(1, CURVE_POINTS + 1)} - {0}
    solver = CaffeSGD(model.named_parameters(), recipe)
    correct, seen = torch.zeros((), dtype=torch.int64), 0
    model.train()
    for iteration, batch in enumerate(batches):
        targets = training.labels[batch]
        logits = model(training.inputs[batch])
        loss = method.loss(logits, targets)
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
            model.train()
            correct.zero_()
            seen = 0
