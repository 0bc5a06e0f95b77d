"""Inputs with their labels, and the outputs of a network for them."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from imbalance.errors import InputError
from imbalance.files import ImageFiles

EVALUATION_BATCH = 500


@dataclass(frozen=True)
class Examples:
    """Inputs (n, ...) to a network, uint8 images, or to a classifier, float32 features; labels (n,) int64."""

    inputs: Tensor
    labels: Tensor

    @classmethod
    def from_arrays(cls, inputs: NDArray[np.generic] | ImageFiles, labels: NDArray[np.integer]) -> Self:
        """Examples of images (n, channels, height, width) or features (n, D)."""
        if isinstance(inputs, ImageFiles):
            raise InputError(
                f"{inputs.root}: its images stay files, and training holds images in memory; "
                "choose another dataset."
            )
        tensor = torch.from_numpy(np.array(inputs))
        if tensor.ndim == 4:
            tensor = tensor.to(memory_format=torch.channels_last)
        return cls(tensor, torch.from_numpy(labels.astype(np.int64)))

    def at(self, positions: NDArray[np.int64] | slice) -> "Examples":
        """The examples at some positions."""
        return Examples(self.inputs[positions], self.labels[positions])

    def and_also(self, others: "Examples") -> "Examples":
        """These examples, followed by others."""
        return Examples(torch.cat([self.inputs, others.inputs]), torch.cat([self.labels, others.labels]))


def in_batches(model: nn.Module, inputs: Tensor) -> Tensor:
    """The model's outputs for all inputs, in evaluation mode and without gradients."""
    training = model.training
    model.eval()
    with torch.no_grad():
        outputs = torch.cat([model(part) for part in torch.split(inputs, EVALUATION_BATCH)])
    model.train(training)
    return outputs


def split(
    labels: NDArray[np.integer], fraction: float, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions of the training and the validation part, stratified.

    round(fraction * n_c) of each class are held out, but of a class with two examples or more at least one
    and not all; a class with one keeps it for training. Fraction 0 holds out none.
    """
    held_out = []
    for label in np.unique(labels) if fraction else ():
        members = rng.permutation(np.flatnonzero(labels == label))
        size = round(fraction * len(members))
        held_out.append(members[: min(max(size, 1), len(members) - 1)])
    validation = np.sort(np.concatenate(held_out)) if held_out else np.empty(0, np.int64)
    return np.setdiff1d(np.arange(len(labels)), validation), validation
