"""The spread of a result between replicates by its source: small classes, images, initial weights, the rest.

A study draws C times which classes are small, and I times the images of each such draw, and trains on each of
these C I subsets from the same R initial weights. A measure of these networks is

    y[c, i, r] = mean + classes[c] + images[c, i] + weights[r] + rest[c, i, r],

with independent normal terms (random effects): images are nested in classes, and weights crossed with both.
The variance of each term is a component. Of the balanced design, the mean squares are independent; divided by
their expectations, they are chi-squared over their degrees of freedom (Searle, Casella & McCulloch 1992,
*Variance Components*, chapter 4):

    source     degrees of freedom    expected mean square
    classes    C - 1                 rest + R images + R I classes
    images     C (I - 1)             rest + R images
    weights    R - 1                 rest + C I weights
    rest       (C I - 1) (R - 1)     rest

Their differences estimate the components without bias, and as REML does where none is negative. A negative
one is given as 0. The sum of the components, with the negative ones, is the variance between replicates that
draw everything anew, as those of all other studies do. Intervals are generalized (Weerahandi 1993, *JASA* 88,
899-905): each expected mean square is its mean square over a draw of chi-squared over its degrees of
freedom; components, shares and sums have the quantiles of what follows from these draws.

What the design cannot separate or see:
- The rest is the order of the batches, and all that weights do on some subsets only (interactions).
- Images are those of large and of small classes. Of a large class of MNIST, of about 6 000 images, two draws
  of 5 000 have most in common; images drawn from the world would differ more.
- All networks are tested on the same images.
- The terms have the same variances for all classes and weights; if they have not, these are their means.
- A seed draws the same positions of batches for all draws of the classes. As other images are at these
  positions, this counts as no common order.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance.evaluation.statistics import CONFIDENCE
from imbalance.reproducibility.seeding import generator

SOURCES = ("classes", "images", "weights", "rest")
ALL = "all"  # the sum of the sources
BASELINE, MINUS_BASELINE = "baseline", "{} minus baseline"
MEASURES = (("auc", "any"), ("accuracy", "argmax"), ("accuracy", "prior"))
LEVELS = ["minority", "seed", "replicate"]  # the columns of the draws of classes, images and weights
DRAWS = 50_000
SPREAD = dict.fromkeys(("method", "rule", "measure", "source"), "str") | dict.fromkeys(
    ("freedom", "std", "low", "high", "share", "share_low", "share_high"), "float64"
)


@dataclass(frozen=True)
class Components:
    """Estimates (4,) of the sources' variances, `draws` (n, 4) for intervals, and degrees of `freedom` (4,).

    Estimates and draws may be negative, but their sums are not.
    """

    estimates: NDArray[np.float64]
    draws: NDArray[np.float64]
    freedom: NDArray[np.int64]

    @property
    def total(self) -> float:
        """The variance between replicates that draw everything anew."""
        return float(self.estimates.sum())

    @property
    def totals(self) -> NDArray[np.float64]:
        """The draws (n,) of that variance."""
        total: NDArray[np.float64] = self.draws.sum(axis=1)
        return total


def components(values: NDArray[np.float64]) -> Components:
    """Return the components of a measure (C, I, R) of at least two draws of each; NaN if a value is NaN."""
    squares, freedom = mean_squares(values)
    chi_squared = generator(0, 0, "variance").chisquare(freedom, (DRAWS, len(SOURCES)))
    shape = values.shape
    return Components(
        _differences(squares, shape),
        _differences(squares * freedom / chi_squared, shape),
        freedom,
    )


def mean_squares(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the mean squares (4,) of the sources in a measure (C, I, R), and degrees of freedom (4,)."""
    classes, images, weights = values.shape
    mean, of_classes, of_subsets = values.mean(), values.mean(axis=(1, 2)), values.mean(axis=2)
    of_weights = values.mean(axis=(0, 1))
    rest = values - of_subsets[:, :, None] - of_weights + mean
    squares = [
        images * weights * ((of_classes - mean) ** 2).sum(),
        weights * ((of_subsets - of_classes[:, None]) ** 2).sum(),
        classes * images * ((of_weights - mean) ** 2).sum(),
        (rest**2).sum(),
    ]
    freedom = [classes - 1, classes * (images - 1), weights - 1, (classes * images - 1) * (weights - 1)]
    return np.array(squares) / freedom, np.array(freedom)


def _differences(expected: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return the components (..., 4) of which the mean squares have these expectations (..., 4)."""
    classes, images, weights = shape
    of_classes, of_images, of_weights, rest = np.moveaxis(expected, -1, 0)
    parts = [
        (of_classes - of_images) / (images * weights),
        (of_images - rest) / weights,
        (of_weights - rest) / (classes * images),
        rest,
    ]
    return np.stack(parts, axis=-1)


def of_methods(measures: pd.DataFrame, measure: str, rule: str) -> dict[str, Components]:
    """Return the components of each method, and of the difference of each other one from the baseline.

    `measures` are those of all networks of the design: `LEVELS`, method, rule, measure, value. Differences
    are those of networks of the same subset and weights, so that what these do to both is not in them.
    """
    rows = measures[(measures["measure"] == measure) & (measures["rule"] == rule)]
    values = {str(method): _by_draws(own) for method, own in rows.groupby("method", sort=False)}
    differences = {
        MINUS_BASELINE.format(method): own - values[BASELINE]
        for method, own in values.items()
        if method != BASELINE and BASELINE in values
    }
    return {method: components(own) for method, own in (values | differences).items()}


def spread(measures: pd.DataFrame) -> pd.DataFrame:
    """Return the table of the sources: the standard deviation that each would cause alone, and its share.

    A share is that of the variance. All have 95 % intervals. The source `ALL` is the sum of the others, of
    which it has no share.
    """
    rows = [
        {"method": method, "rule": rule, "measure": measure, **row}
        for measure, rule in MEASURES
        for method, found in of_methods(measures, measure, rule).items()
        for row in _rows(found)
    ]
    return pd.DataFrame(rows, columns=list(SPREAD))


def interval(draws: NDArray[np.float64]) -> tuple[float, float]:
    """Return the 95 % interval of draws (n,)."""
    low, high = np.quantile(draws, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)


def _rows(found: Components) -> Iterator[dict[str, str | float]]:
    """Yield a row for each source, and for all."""
    estimates, draws = np.maximum(found.estimates, 0), np.maximum(found.draws, 0)
    shares, of_draws = estimates / estimates.sum(), draws / draws.sum(axis=1, keepdims=True)
    for k, source in enumerate(SOURCES):
        yield {
            "source": source,
            "freedom": float(found.freedom[k]),
            **_spread(estimates[k], draws[:, k]),
            "share": float(shares[k]),
            **dict(zip(("share_low", "share_high"), interval(of_draws[:, k]), strict=True)),
        }
    yield {"source": ALL, **_spread(found.total, found.totals)}


def _spread(variance: float, draws: NDArray[np.float64]) -> dict[str, float]:
    """Return the standard deviation of a variance, and its interval by draws (n,)."""
    low, high = interval(np.sqrt(draws))
    return {"std": float(np.sqrt(variance)), "low": low, "high": high}


def _by_draws(rows: pd.DataFrame) -> NDArray[np.float64]:
    """Return a measure (C, I, R) of networks by their draws; NaN where there is none (a stuck network)."""
    values = rows.set_index(LEVELS)["value"]
    levels = [sorted(values.index.unique(name)) for name in LEVELS]
    whole = values.reindex(pd.MultiIndex.from_product(levels))
    return whole.to_numpy(dtype=float).reshape([len(level) for level in levels])
