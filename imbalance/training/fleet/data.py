"""The data of a fleet on the device: all images, and the batches of a block of iterations."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from imbalance.data.examples import Examples
from imbalance.methods.parts.samplers import Indices
from imbalance.training.jobs import Course, Draws


@dataclass(frozen=True)
class Pool:
    """The training examples of all members, concatenated.

    `rows` (n, ...) are the inputs, with images as channels-last bytes; `labels` are (n,). The examples of
    member k begin at `starts[k]`; `starts` is (K, 1).
    """

    rows: Tensor
    labels: Tensor
    starts: Tensor

    @classmethod
    def of(cls, parts: Sequence[Examples], device: torch.device) -> "Pool":
        """Make the pool of the members' examples."""
        dimensions = parts[0].tensor.ndim
        order = (0, 2, 3, 1) if dimensions == 4 else tuple(range(dimensions))
        rows = torch.cat([part.tensor.permute(order).to(device) for part in parts])
        labels = torch.cat([part.labels for part in parts]).to(device)
        starts = np.cumsum([0, *(len(part.labels) for part in parts[:-1])])
        return cls(rows.contiguous(), labels, torch.from_numpy(starts)[:, None].to(device))

    def take(self, positions: Tensor) -> tuple[Tensor, Tensor]:
        """Return the inputs (K, N, ...) and labels (K, N) at each member's own positions (K, N)."""
        at = (positions + self.starts).flatten()
        inputs = self.rows.index_select(0, at)
        if inputs.ndim == 4:
            inputs = inputs.permute(0, 3, 1, 2)
        targets = self.labels.index_select(0, at)
        return inputs.reshape(*positions.shape, *inputs.shape[1:]), targets.view(positions.shape)


def stacked(parts: Sequence[Examples]) -> Examples:
    """Return the examples of all members as inputs (K, N, ...) and labels (K, N).

    Members with fewer than N get their first example again, with the label -1, which is no class.
    """
    most = max(len(part.labels) for part in parts)
    inputs, labels = [], []
    for part in parts:
        positions = torch.arange(most)
        missing = positions >= len(part.labels)
        inputs.append(part.tensor[positions.masked_fill(missing, 0)])
        labels.append(part.labels[positions.masked_fill(missing, 0)].masked_fill(missing, -1))
    return Examples(torch.stack(inputs), torch.stack(labels))


class Block:
    """The inputs of a block of T iterations besides the weights; a cursor points to the next iteration.

    They are the examples' `positions` (T, K, P), the `changes` (T, K, 3, P) of their augmentation, if any,
    `partners` (T, K, P) and `shares` (T, K, iter_size) of their mixing, if any, learning `rates` (T, K), and
    `progress` (T,).
    """

    def __init__(self, length: int, courses: Sequence[Course], device: torch.device) -> None:
        self._courses = courses
        members, taken = len(courses), courses[0].positions
        changed = taken if courses[0].augmentation else 0
        mixed, parts = (taken, courses[0].job.recipe.iter_size) if courses[0].mixes else (0, 0)
        self.positions = torch.zeros(length, members, taken, dtype=torch.int64, device=device)
        self.changes = torch.zeros(length, members, 3, changed, dtype=torch.int64, device=device)
        self.partners = torch.zeros(length, members, mixed, dtype=torch.int64, device=device)
        self.shares = torch.zeros(length, members, parts, device=device)
        self.rates = torch.zeros(length, members, device=device)
        self.progress = torch.zeros(length, device=device)
        self.cursor = torch.zeros(1, dtype=torch.int64, device=device)

    def fill(self, drawn: Sequence[Iterator[Indices]], iterations: range) -> None:
        """Fill the block with the next iterations, and set the cursor to the first."""
        job = self._courses[0].job
        positions = [np.stack(list(islice(batches, len(iterations)))) for batches in drawn]
        bases = [each.job.method.lr_factor * each.job.recipe.base_lr[0] for each in self._courses]
        factors = [job.recipe.factor(iteration, job.iterations) for iteration in iterations]
        _put(self.positions, np.stack(positions, axis=1))
        _put(self.rates, np.outer(factors, bases))
        _put(self.progress, np.array(iterations) / job.iterations)
        if self.changes.numel() or self.partners.numel():
            self._put_draws(
                [[_draws(course, iteration) for course in self._courses] for iteration in iterations]
            )
        self.cursor.zero_()

    def _put_draws(self, draws: Sequence[Sequence[Sequence[Draws]]]) -> None:
        """Copy the random draws to the device; `draws` are by iteration, member and mini-batch."""
        if self.changes.numel():
            changes = [[[part.changes for part in parts] for parts in members] for members in draws]
            _put(self.changes, np.array(changes).swapaxes(2, 3).reshape(len(draws), *self.changes.shape[1:]))
        if self.partners.numel():
            mixes = [[[part.mix for part in parts if part.mix] for parts in members] for members in draws]
            partners = [[[mix.partners for mix in parts] for parts in members] for members in mixes]
            shares = [[[mix.share for mix in parts] for parts in members] for members in mixes]
            _put(self.partners, np.array(partners).reshape(len(draws), *self.partners.shape[1:]))
            _put(self.shares, np.array(shares))

    def now(self, tensor: Tensor) -> Tensor:
        """Return the part (...) of one of the block's tensors (T, ...) for the next iteration."""
        return tensor.index_select(0, self.cursor)[0]


def _put(buffer: Tensor, values: NDArray[np.number]) -> None:
    """Copy values (t, ...) to the beginning of a buffer (T, ...), without waiting for the device."""
    source = torch.from_numpy(values).to(buffer.dtype)
    source = source.pin_memory() if buffer.is_cuda else source
    buffer[: len(values)].copy_(source, non_blocking=True)


def _draws(course: Course, iteration: int) -> list[Draws]:
    """Make the random draws of the `iter_size` mini-batches of an iteration, as for a network alone."""
    return [course.draws(course.rng(iteration, part)) for part in range(course.job.recipe.iter_size)]
