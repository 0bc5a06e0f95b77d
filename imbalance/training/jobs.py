"""Jobs: the trainings of single networks, as given to the training loop (loop.py) or to that of a fleet.

A job is prepared for the loop as a `Course`, which has the model, the examples and the batches.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.modules.dropout import _DropoutNd

from imbalance.data.augmentation import Augmentation
from imbalance.data.examples import Examples, device_of, in_batches
from imbalance.data.files import ImageFiles
from imbalance.errors import InputError
from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.mixing import Mix
from imbalance.methods.parts.samplers import Indices, Labels
from imbalance.methods.parts.training import Training
from imbalance.networks.parts.network import FrozenFeatures, Network
from imbalance.training import curves, devices
from imbalance.training.devices import Precision
from imbalance.training.recipes import Recipe


@dataclass(frozen=True)
class Job:
    """A network to train in place by a method, for some iterations of a recipe, on the images `training`.

    Test images are used for the curve only, never for selection: methods adapt and tune on `validation`,
    which is held out of the training. All random draws are from `rng`. In the training loop, layers compute
    in `precision`; in evaluation, they compute in float32, or in TF32.
    """

    network: Network
    method: Baseline
    recipe: Recipe
    iterations: int
    training: Examples
    validation: Examples
    test: Examples
    rng: np.random.Generator
    precision: Precision = "float32"


class DivergedError(InputError):
    """The training diverged: its loss is not finite."""


@dataclass(frozen=True)
class Draws:
    """The random draws of a mini-batch of B images: dropout seed, augmentation `changes` (3, B), and mix."""

    dropout: int
    changes: NDArray[np.int64] | None
    mix: Mix | None


@dataclass(frozen=True)
class Course:
    """A job prepared for a training loop; only the submodule `learns` is trained ("" is the whole model).

    Batches are made of the `training` examples, and the curve of the `test` examples and of `known`, some of
    each class in training. All are images, or features if these do not change; in this case, the features of
    `model` are the identity. `sizes` (C,) are the class sizes before any sampling; `noise` seeds the random
    draws of the mini-batches.
    """

    job: Job
    model: Network
    learns: str
    augmentation: Augmentation | None
    sizes: Tensor
    noise: int
    training: Examples
    known: Examples
    validation: Examples
    test: Examples

    @property
    def positions(self) -> int:
        """The number of examples in an iteration."""
        return self.job.recipe.batch * self.job.recipe.iter_size

    @property
    def mixes(self) -> bool:
        """Whether the method mixes the examples of a batch with each other."""
        return type(self.job.method).mix is not Baseline.mix

    def decide(self) -> Tensor:
        """The decisions of the network as it is for the validation data (M,); the same in all processes."""
        devices.average_statistics(self.model)
        return in_batches(self.model, self.validation.inputs).argmax(dim=-1)

    def features_of(self, positions: Indices) -> Tensor:
        """The features of the network as it is for some of the training examples; the same, too."""
        devices.average_statistics(self.model)
        return in_batches(self.model.features, self.training.inputs[positions])

    def view(self, decide: Callable[[], Tensor], features: Callable[[Indices], Tensor]) -> Training:
        """Return the training as the method's hooks see it; `decide` and `features` query the network."""

        def decisions() -> tuple[Labels, Labels]:
            return decide().numpy(), self.validation.labels.numpy()

        return Training(self.job.iterations, self.positions, decisions, features)

    @property
    def epoch(self) -> int:
        """The number of iterations with as many examples as the training set has, rounded up."""
        return math.ceil(len(self.training.labels) / self.positions)

    def refreshed(self, state: Mapping[str, Tensor], iteration: int, view: Training) -> Mapping[str, Tensor]:
        """Return the renewed state of the method's loss, before an iteration."""
        rng = self.rng(iteration, self.job.recipe.iter_size)  # a generator that no mini-batch has
        return self.job.method.refresh(state, self.training.labels.numpy(), rng, view)

    def batches(self, view: Training) -> Iterator[Indices]:
        """Yield the positions in the training set of each iteration's examples."""
        epochs = self.job.method.epochs(self.training.labels.numpy(), self.job.rng, view)
        return batches(epochs, self.job.iterations, self.positions)

    def rng(self, iteration: int, part: int) -> np.random.Generator:
        """Return the generator of one of the `iter_size` mini-batches of an iteration.

        Each has its own, since a training may resume at any iteration.
        """
        return np.random.default_rng([self.noise, iteration, part])

    def draws(self, rng: np.random.Generator) -> Draws:
        """Make the random draws of a mini-batch, in this order in both training loops."""
        dropout = int(rng.integers(2**32))
        batch = self.job.recipe.batch
        changes = self.augmentation.draw(batch, rng) if self.augmentation else None
        return Draws(dropout, changes, self.job.method.mix(batch, rng))

    def augmented(self, images: Tensor, draws: Draws) -> Tensor:
        """Return the images (B, channels, height, width) of a mini-batch, augmented as drawn."""
        if self.augmentation is None or draws.changes is None:
            return images
        return self.augmentation.augment(images, torch.from_numpy(draws.changes).to(images.device))

    def diverged(self, iteration: int, loss: float) -> DivergedError:
        """Return the error for a `loss` that is not finite, with advice."""
        return DivergedError(
            f"training diverged before iteration {iteration}: the loss is {loss}; "
            f"lower base_lr ({self.job.recipe.base_lr[0]:g}) in its recipe, "
            f"or lr_factor ({self.job.method.lr_factor:g})."
        )


def prepare(job: Job) -> Course | None:
    """Prepare a job for training: its classifier, its model and its examples. None if nothing is trained.

    Frozen features are computed once, unless dropout, augmentation or cropping changes them from batch to
    batch.
    """
    network, method = job.network, job.method
    network.classifier = method.head(network.classifier, job.rng).to(device_of(network.features))
    _refuse_unknown_labels(job.training.labels, network.classes)
    sizes = torch.bincount(job.training.labels, minlength=network.classes).float()
    training, validation = job.training, job.validation
    test = job.test.at(slice(None, None, max(1, len(job.test.labels) // curves.IMAGES)))
    known = training.at(curves.some_of_each(training.labels.numpy(), curves.IMAGES // network.classes))
    model = network
    learns, augmentation = "", job.recipe.augmentation
    if method.trains == "nothing":
        return None
    if method.trains == "classifier" and _features_vary(job):
        frozen = FrozenFeatures(*network.features)
        model, learns = Network(frozen, network.classifier, network.classes), "classifier"
    elif method.trains == "classifier":
        parts = (training, known, validation, test)
        training, known, validation, test = (features(network, part) for part in parts)
        model = Network(nn.Sequential(), network.classifier, network.classes)
        learns, augmentation = "classifier", None
    noise = int(job.rng.spawn(1)[0].integers(2**32))  # spawning leaves the stream of the batches unchanged
    training = method.prepare(training, job.rng)
    _refuse_unknown_labels(training.labels, network.classes)
    return Course(job, model, learns, augmentation, sizes, noise, training, known, validation, test)


def finish(job: Job) -> None:
    """Apply the method's `finish` to the trained classifier, if the method has one."""
    network, method = job.network, job.method
    if type(method).finish is not Baseline.finish:
        known = features(network, job.training), features(network, job.validation)
        finished = method.finish(network.classifier.cpu(), *known, job.rng)
        network.classifier = finished.to(device_of(network.features))


def features(network: Network, examples: Examples) -> Examples:
    """Return the examples with their features in place of their images."""
    return Examples(in_batches(network.features, examples.inputs), examples.labels)


def batches(epochs: Iterator[Indices], iterations: int, batch: int) -> Iterator[Indices]:
    """Cut endless epochs into `iterations` batches (batch,) of positions.

    Epochs follow each other without a gap, so that a batch may extend into the next epoch, as in Caffe.
    """
    left = np.empty(0, np.int64)
    for _ in range(iterations):
        while len(left) < batch:
            left = np.concatenate([left, next(epochs)])
        yield left[:batch]
        left = left[batch:]


def _refuse_unknown_labels(labels: Tensor, classes: int) -> None:
    """Raise an `InputError` if a label is not a class; checked here, since a loss on a GPU cannot tell."""
    unknown = labels[(labels < 0) | (labels >= classes)]
    if len(unknown):
        raise InputError(
            f"{len(unknown)} training examples have labels that are no class, such as {unknown[0]}; the "
            f"network has {classes} classes, from 0 to {classes - 1}."
        )


def _features_vary(job: Job) -> bool:
    """Return whether an image's features change from use to use, so that they cannot be computed once.

    Dropout, augmentation and random crops change them. A method that makes synthetic features (by `prepare`)
    takes the features once, as they are in evaluation.
    """
    dropout = any(isinstance(layer, _DropoutNd) and layer.p > 0 for layer in job.network.features.modules())
    vary = dropout or job.recipe.augmentation is not None or isinstance(job.training.inputs, ImageFiles)
    return vary and type(job.method).prepare is Baseline.prepare
