"""Examples, which are inputs with their labels, and the outputs of a network for them."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, tee
from typing import Self, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from imbalance.data.files import ImageFiles
from imbalance.data.streams import stream
from imbalance.errors import InputError

EVALUATION_BATCH = 500
EVALUATION_VALUES = 1 << 21  # numbers in a batch's inputs, at most: large images make smaller batches

Inputs = Tensor | ImageFiles


@dataclass(frozen=True)
class Examples:
    """Inputs (n, ...) and labels (n,), int64.

    Inputs to a network are uint8 images, their files, or float32 rows of a table; inputs to a classifier are
    float32 features.
    """

    inputs: Inputs
    labels: Tensor

    @classmethod
    def from_arrays(cls, inputs: NDArray[np.generic] | ImageFiles, labels: NDArray[np.integer]) -> Self:
        """Make examples of images (n, channels, height, width) or features (n, D), and labels (n,)."""
        if isinstance(inputs, ImageFiles):
            return cls(inputs, torch.from_numpy(labels.astype(np.int64)))
        tensor = torch.from_numpy(np.array(inputs))
        if tensor.ndim == 4:
            tensor = tensor.to(memory_format=torch.channels_last)
        return cls(tensor, torch.from_numpy(labels.astype(np.int64)))

    @property
    def tensor(self) -> Tensor:
        """The inputs as a tensor; raises `InputError` if they stay files."""
        if isinstance(self.inputs, ImageFiles):
            raise InputError(
                f"{self.inputs.root}: a part of this run wants all images in memory at once, and they are "
                "too many; choose another method, or `inputs` that are not fitted."
            )
        return self.inputs

    def at(self, positions: NDArray[np.int64] | slice) -> "Examples":
        """Return the examples at the given positions."""
        return Examples(self.inputs[positions], self.labels[positions])

    def to(self, device: torch.device) -> "Examples":
        """Return the examples on a device; inputs that stay files are left as they are."""
        inputs = self.inputs.to(device) if isinstance(self.inputs, Tensor) else self.inputs
        return Examples(inputs, self.labels.to(device))

    def and_also(self, others: "Examples") -> "Examples":
        """Return these examples, followed by `others`."""
        return Examples(torch.cat([self.tensor, others.tensor]), torch.cat([self.labels, others.labels]))


@dataclass(frozen=True)
class Batch:
    """The positions of a mini-batch's examples, and the generator of its random draws, if it has any."""

    positions: NDArray[np.int64]
    rng: np.random.Generator | None


AnyBatch = TypeVar("AnyBatch", bound=Batch)


def feed(inputs: Inputs, batches: Iterable[AnyBatch]) -> Iterator[tuple[AnyBatch, Tensor]]:
    """Yield each batch with its inputs; files are decoded a few batches ahead, cropped by its `rng`."""
    if isinstance(inputs, Tensor):
        yield from ((batch, inputs[batch.positions]) for batch in batches)
    else:
        first, second = tee(batches)
        yield from zip(first, stream(inputs, ((batch.positions, batch.rng) for batch in second)), strict=True)


def device_of(model: nn.Module) -> torch.device:
    """Return the device of a model's parameters, or of its buffers if it has no parameters."""
    return next(chain(model.parameters(), model.buffers()), torch.empty(0)).device


def in_batches(model: nn.Module, inputs: Inputs) -> Tensor:
    """Return the model's outputs for all inputs, on the CPU, in evaluation mode and without gradients."""
    training, device = model.training, device_of(model)
    size = max(1, min(EVALUATION_BATCH, EVALUATION_VALUES // math.prod(inputs.shape[1:])))
    starts = range(0, max(1, len(inputs)), size)
    batches = (Batch(np.arange(start, min(start + size, len(inputs))), None) for start in starts)
    model.eval()
    with torch.no_grad():
        outputs = torch.cat([model(part.to(device)).cpu() for _, part in feed(inputs, batches)])
    model.train(training)
    return outputs


def split(
    labels: NDArray[np.integer], fraction: float, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the positions of a stratified split: those of the training part, those of the validation part.

    Of class c, round(fraction * n_c) examples are held out. A class with two or more examples has at least
    one in each part; a single example stays in training. Fraction 0 holds out none.
    """
    held_out = []
    for label in np.unique(labels) if fraction else ():
        members = rng.permutation(np.flatnonzero(labels == label))
        size = round(fraction * len(members))
        held_out.append(members[: min(max(size, 1), len(members) - 1)])
    validation = np.sort(np.concatenate(held_out)) if held_out else np.empty(0, np.int64)
    return np.setdiff1d(np.arange(len(labels)), validation), validation
