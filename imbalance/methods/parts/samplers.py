"""Samplers, which choose the examples of an epoch and their order.

A sampler turns labels into endless epochs of positions. It is a field of every method, so that any sampler
can be combined with any loss: `sampler: {name: oversampling, ratio: 1}`. `drawn` is the number of examples
that the whole training draws.
"""

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from imbalance.strict import Strict
from imbalance.subsets.rounding import clean

Indices = NDArray[np.int64]
Labels = NDArray[np.integer]


class Instance(Strict):
    """Instance-balanced sampling, or no resampling: every example occurs once in an epoch."""

    name: Literal["instance"] = "instance"

    def epochs(self, labels: Labels, rng: np.random.Generator, drawn: int) -> Iterator[Indices]:
        """Yield endless epochs of positions in `labels` (n,), each in training order."""
        while True:
            yield rng.permutation(len(labels))


class Oversampling(Strict):
    """Random minority oversampling (Buda et al. 2018, §4.5): n_c -> max(n_c, ceil(n_max / ratio)).

    `ratio` is the remaining imbalance ratio: 1 balances the classes, rho itself would be the baseline.
    """

    name: Literal["oversampling"] = "oversampling"
    ratio: float = Field(default=1, ge=1)

    def epochs(self, labels: Labels, rng: np.random.Generator, drawn: int) -> Iterator[Indices]:
        """Yield epochs of one oversampled set, which is drawn once, and shuffled anew for each epoch."""
        sample = self.sample(labels, rng)
        while True:
            yield rng.permutation(sample)

    def sample(self, labels: Labels, rng: np.random.Generator) -> Indices:
        """Return the positions of `resampled` classes."""
        target = int(np.ceil(clean(np.bincount(labels).max() / self.ratio)))
        return resampled_classes(labels, lambda n: max(target, n), rng)


class Undersampling(Strict):
    """Random majority undersampling (Buda et al. 2018, §4.5): n_c -> min(n_c, floor(ratio * n_min)).

    `ratio` is the remaining imbalance ratio; `fresh` draws a new sample for each epoch. The paper draws once;
    fresh samples, by which all examples are seen over time, are from the FAU lecture.
    """

    name: Literal["undersampling"] = "undersampling"
    ratio: float = Field(default=1, ge=1)
    fresh: bool = False

    def epochs(self, labels: Labels, rng: np.random.Generator, drawn: int) -> Iterator[Indices]:
        """Yield undersampled epochs, all of one sample, or each of a fresh one."""
        sample = self.sample(labels, rng)
        while True:
            yield rng.permutation(sample)
            if self.fresh:
                sample = self.sample(labels, rng)

    def sample(self, labels: Labels, rng: np.random.Generator) -> Indices:
        """Draw the positions of min(n_c, target) examples of every class, without replacement."""
        sizes = np.bincount(labels)
        target = float(clean(self.ratio * int(sizes[sizes > 0].min())))
        sampled = []
        for label in np.unique(labels):
            members = np.flatnonzero(labels == label)
            sampled.append(rng.choice(members, int(min(target, len(members))), replace=False))
        return np.concatenate(sampled)


class Combined(Strict):
    """Combined over- and undersampling (FAU lecture): n_c -> m for all classes.

    `target` is m, by default the geometric mean of the extremes; `fresh` draws a new sample for each epoch.
    """

    name: Literal["combined"] = "combined"
    target: int | None = Field(default=None, ge=1)
    fresh: bool = False

    def epochs(self, labels: Labels, rng: np.random.Generator, drawn: int) -> Iterator[Indices]:
        """Yield epochs with all classes of one size, all of one sample, or each of a fresh one."""
        wanted = middle(np.bincount(labels)) if self.target is None else self.target
        sample = resampled_classes(labels, lambda n: wanted, rng)
        while True:
            yield rng.permutation(sample)
            if self.fresh:
                sample = resampled_classes(labels, lambda n: wanted, rng)


class Capped(Strict):
    """Sampling below a threshold (Lee et al. 2016): n_c -> min(n_c, N), drawn once.

    `largest` is N, by default the geometric mean of the extremes.
    """

    name: Literal["capped"] = "capped"
    largest: int | None = Field(default=None, ge=1)

    def epochs(self, labels: Labels, rng: np.random.Generator, drawn: int) -> Iterator[Indices]:
        """Yield epochs of one sample, in which no class has more than N examples."""
        most = middle(np.bincount(labels)) if self.largest is None else self.largest
        sample = resampled_classes(labels, lambda n: min(most, n), rng)
        while True:
            yield rng.permutation(sample)


class Power(Strict):
    """Sampling of a class with probability n_c^q / sum_k n_k^q, then of its examples (Kang et al. 2020, §3).

    q = 0 is class-balanced (class-aware) sampling, 1/2 square-root sampling, 1 instance-balanced sampling.
    """

    name: Literal["power"] = "power"
    q: float = Field(default=0, ge=0, le=1)

    def epochs(self, labels: Labels, rng: np.random.Generator, drawn: int) -> Iterator[Indices]:
        """Yield endless epochs of n positions, drawn with replacement."""
        sizes = np.bincount(labels)
        weights = self.class_probabilities(sizes)[labels] / sizes[labels]
        while True:
            yield rng.choice(len(labels), len(labels), p=weights)

    def class_probabilities(self, sizes: NDArray[np.integer]) -> NDArray[np.float64]:
        """Return the probability (C,) of each class of given sizes (C,); that of an empty class is zero."""
        powers = np.where(sizes > 0, sizes.astype(np.float64) ** self.q, 0)
        return powers / powers.sum()


class Progressive(Strict):
    """Progressively balanced sampling (Kang et al. 2020, §3): at first by instances, at last by classes.

    After t of T examples, a class has the probability (1 - t/T) n_c / N + (t/T) / C. Kang et al. change it
    from epoch to epoch; here it changes from example to example, as there may be few epochs.
    """

    name: Literal["progressive"] = "progressive"

    def epochs(self, labels: Labels, rng: np.random.Generator, drawn: int) -> Iterator[Indices]:
        """Yield endless epochs of n positions, drawn with replacement."""
        n = len(labels)
        by_classes = Power(q=0).epochs(labels, rng, drawn)
        for done in itertools.count(0, n):
            balanced = rng.random(n) < np.arange(done, done + n) / max(drawn, 1)
            yield np.where(balanced, next(by_classes), rng.integers(n, size=n))


Undeferred = Annotated[
    Instance | Oversampling | Undersampling | Combined | Capped | Power | Progressive,
    Field(discriminator="name"),
]


class Deferred(Strict):
    """Deferred re-sampling (Cao et al. 2019): no resampling at first, then another sampler.

    `after` is the fraction of training before `sampler` begins; the epoch then under way is cut short.
    """

    name: Literal["deferred"] = "deferred"
    sampler: Undeferred = Power(q=0)
    after: float = Field(default=0.8, ge=0, le=1)

    def epochs(self, labels: Labels, rng: np.random.Generator, drawn: int) -> Iterator[Indices]:
        """Yield epochs without resampling, and then those of the sampler."""
        left = plain = math.ceil(clean(self.after * drawn))
        unsampled = Instance().epochs(labels, rng, plain)
        while left:
            epoch = next(unsampled)[:left]
            left -= len(epoch)
            yield epoch
        yield from self.sampler.epochs(labels, rng, drawn - plain)


Sampler = Annotated[
    Instance | Oversampling | Undersampling | Combined | Capped | Power | Progressive | Deferred,
    Field(discriminator="name"),
]


def resampled_classes(labels: Labels, wanted: Callable[[int], int], rng: np.random.Generator) -> Indices:
    """Return the positions in `labels` (n,) of `resampled` classes; of n examples, wanted(n) are drawn."""
    classes = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    return np.concatenate([resampled(members, wanted(len(members)), rng) for members in classes])


def resampled(members: Indices, wanted: int, rng: np.random.Generator) -> Indices:
    """Return so many of the members (n,): each floor(wanted / n) times, and a random remainder once more.

    The remainder is drawn without replacement; if fewer than n are wanted, there is nothing else.
    """
    copies, remainder = divmod(wanted, len(members))
    return np.concatenate([np.tile(members, copies), rng.choice(members, remainder, replace=False)])


def middle(sizes: NDArray[np.integer]) -> int:
    """Return the geometric mean of the smallest and the largest class size (C,); empty classes do not count.

    >>> middle(np.array([5000, 50, 0]))
    500
    """
    present = sizes[sizes > 0]
    return round(float(np.sqrt(float(present.min()) * float(present.max()))))
