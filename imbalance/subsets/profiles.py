"""Imbalance profiles: class sizes of Buda et al. (2018, §3.1), the long-tail literature, and Hensman & Masko.

`step`, `linear` and `exponential` return the sizes of the C classes *by rank, smallest first*; `class_sizes`
also decides which class takes which rank.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from imbalance.errors import InputError
from imbalance.subsets.rounding import clean

Imbalance = Literal["step", "linear", "exponential", "counts", "natural", "D1", "D3", "D5", "D9"]
BY_RANK = ("step", "linear", "exponential")  # forms that give sizes by rank; rho has an effect on these
Side = Literal["random", "lowest", "highest"]
Minority = Side | int  # the number of a random draw that all replicates share
Sizes = NDArray[np.int64]

# Hensman & Masko (2015): the distributions over CIFAR-10's classes of which the shares are known, in % and in
# label order, by Johnson & Khoshgoftaar (2019). Which classes of D3 are small is not: here the lowest labels.
# D9 is inferred: it ends with all images in the last class, as D5 does with all in the first.
SHARES: Mapping[Imbalance, tuple[float, ...]] = {
    "D1": (10.0,) * 10,
    "D3": (6.0,) * 5 + (14.0,) * 5,
    "D5": (14.5,) + (9.5,) * 9,
    "D9": (9.5,) * 9 + (14.5,),
}
LARGEST_SHARE = max(max(shares) for shares in SHARES.values())


@dataclass(frozen=True)
class Profile:
    """A rule for class sizes: the form of `imbalance` and its parameters, as in params.yaml."""

    imbalance: Imbalance
    rho: float
    mu: float
    counts: tuple[int, ...]
    n_max: int
    minority: Minority

    @property
    def has_ranks(self) -> bool:
        """Whether the profile gives sizes by rank, so that ranks must be assigned to classes."""
        return self.imbalance in BY_RANK


def class_sizes(available: Sizes, profile: Profile, rng: np.random.Generator) -> Sizes:
    """Return how many of its `available` images (C,) each class has in one replicate, in label order.

    `n_max` is the size of the largest class. A class with fewer images than its rank needs exchanges ranks
    with another (`_within`), so small classes are always in the minority (Buda §3.3: ImageNet's classes with
    less than 1 000 images). If no order of the ranks fits, `n_max` falls to the largest size for which one
    does. (MNIST has 5 421 to 6 742 images per class; without imbalance, 5 421 of each are taken.) "counts"
    lists the sizes themselves, "natural" takes every image, and "D1", "D3", "D5", "D9" give shares by label,
    where 14.5 % are n_max images; none of these has ranks, so `minority` has no effect.

    Of two classes with 900 and 30 images, the small one is the minority whenever it must be:

    >>> profile = Profile("step", rho=30, mu=0.5, counts=(), n_max=5000, minority="random")
    >>> class_sizes(np.array([900, 30]), profile, np.random.default_rng(0))
    array([900,  30])
    """
    match profile.imbalance:
        case "counts":
            return _counts(available, profile.counts)
        case "natural":
            return available
        case "D1" | "D3" | "D5" | "D9":
            return _shared(available, profile.imbalance, profile.n_max)
        case "step" | "linear" | "exponential" as imbalance:
            pass
    classes, ordered = len(available), np.sort(available)

    def ranks(largest: int) -> Sizes:
        match imbalance:
            case "step":
                return step(classes, largest, profile.rho, profile.mu)
            case "linear":
                return linear(classes, largest, profile.rho)
            case "exponential":
                return exponential(classes, largest, profile.rho)

    def too_large(largest: int) -> bool:
        return bool((ranks(largest) > ordered).any())

    candidates = range(min(profile.n_max, int(ordered[-1])) + 1)
    by_rank = ranks(bisect_left(candidates, True, lo=1, key=too_large) - 1)
    _refuse_an_empty_class(int(by_rank[-1]), profile.rho)
    match profile.minority:
        case "lowest":  # Buda's CIFAR-10
            wanted = by_rank
        case "highest":  # the long-tail literature
            wanted = by_rank[::-1]
        case _:  # random: Buda's MNIST and ImageNet; or a number, which only names the draw that `rng` makes
            wanted = rng.permutation(by_rank)
    return _within(available, wanted, rng)


def _within(available: Sizes, wanted: Sizes, rng: np.random.Generator) -> Sizes:
    """Exchange sizes in `wanted` (C,) between classes until every class has enough `available` images (C,).

    A class with too few images exchanges sizes with another class, drawn at random among those for which
    both sizes then fit. If there is none, it exchanges with any class whose size fits the smaller class, and
    the other class has its turn later. Since the classes are visited from the smallest to the largest, this
    succeeds if any order of the sizes fits.
    """
    sizes, order = wanted.copy(), np.argsort(available, kind="stable")
    for turn, label in enumerate(order):
        if sizes[label] > available[label]:
            larger = order[turn + 1 :]
            fitting = larger[sizes[larger] <= available[label]]
            both = fitting[available[fitting] >= sizes[label]]
            other = rng.choice(both if len(both) else fitting)
            sizes[[label, other]] = sizes[[other, label]]
    return sizes


def step(classes: int, n_max: int, rho: float, mu: float) -> Sizes:
    """Step imbalance (Buda eqs. 1-2): a fraction `mu` of the classes has n_max / rho images, the rest n_max.

    >>> step(classes=10, n_max=5000, rho=10, mu=0.5)
    array([ 500,  500,  500,  500,  500, 5000, 5000, 5000, 5000, 5000])
    """
    minority = int(_round(np.array(mu * classes)))
    if not 0 < minority < classes:
        missing = "minority" if minority == 0 else "majority"
        raise InputError(
            f"mu = {mu:g} leaves no {missing} class among {classes} classes; "
            f"choose mu between {1 / classes:.3g} and {1 - 1 / classes:.3g}."
        )
    return _round(np.array([n_max / rho] * minority + [n_max] * (classes - minority)))


def linear(classes: int, n_max: int, rho: float) -> Sizes:
    """Linear imbalance (Buda §3.1): sizes equally spaced from n_max / rho to n_max, rounded.

    >>> linear(classes=10, n_max=5000, rho=50)
    array([ 100,  644, 1189, 1733, 2278, 2822, 3367, 3911, 4456, 5000])
    """
    return _round(np.linspace(n_max / rho, n_max, classes))


def exponential(classes: int, n_max: int, rho: float) -> Sizes:
    """Long tail (Cui et al. 2019; Cao et al. 2019): n_max / rho^(k / (C - 1)), truncated as in their code.

    k counts the classes from the largest, k = 0, to the smallest, k = C - 1.

    >>> exponential(classes=10, n_max=5000, rho=100)
    array([  50,   83,  139,  232,  387,  645, 1077, 1796, 2997, 5000])
    """
    exponents = np.arange(classes)[::-1] / (classes - 1)
    return np.floor(clean(n_max / rho**exponents)).astype(np.int64)


def _refuse_an_empty_class(n_max: int, rho: float) -> None:
    """Raise an `InputError` if the smallest class, of n_max / rho images, would have less than one."""
    if n_max < rho:
        raise InputError(
            f"rho = {rho:g} leaves a class empty: {n_max} images / {rho:g} is less than one; "
            f"choose rho from 1 to {n_max}."
        )


def _counts(available: Sizes, counts: Sequence[int]) -> Sizes:
    """Return the sizes that the user lists by class; raises `InputError` if a class has fewer images."""
    if len(counts) != len(available):
        raise InputError(
            f"counts lists {len(counts)} sizes for {len(available)} classes; list one a class, by label."
        )
    for label, (size, limit) in enumerate(zip(counts, available, strict=True)):
        if not 1 <= size <= limit:
            raise InputError(
                f"counts asks for {size} images of class {label}; choose from 1 to {limit}, what there are."
            )
    return np.array(counts, dtype=np.int64)


def _shared(available: Sizes, imbalance: Imbalance, n_max: int) -> Sizes:
    """Return the sizes of a distribution of Hensman & Masko; all of these have as many images.

    That is n_max / 14.5 %, the largest share of any. Raises an `InputError` if a class has too few images.
    """
    shares = SHARES[imbalance]
    if len(available) != len(shares):
        raise InputError(
            f"imbalance {imbalance} is a distribution over {len(shares)} classes, and there are "
            f"{len(available)}; choose another."
        )
    sizes = _round(n_max * np.array(shares) / LARGEST_SHARE)
    if (sizes > available).any():
        fits = int((available * LARGEST_SHARE / np.array(shares)).min())
        raise InputError(
            f"imbalance {imbalance} asks for more images than a class has with n_max = {n_max}; "
            f"choose n_max up to {fits}."
        )
    return sizes


def _round(values: NDArray[np.float64]) -> Sizes:
    """Round half up; NumPy rounds half to even, so that 2.5 and 3.5 would become 2 and 4."""
    return np.floor(clean(values) + 0.5).astype(np.int64)
