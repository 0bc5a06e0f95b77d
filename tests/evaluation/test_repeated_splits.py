"""What the intervals of repeated splits promise, checked by simulation with a model whose truth is known."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.special import ndtr

from imbalance.data.arrays import Arrays
from imbalance.evaluation.statistics import compare, overlap_of, summarize
from imbalance.subsets.splits import draw_test
from imbalance.subsets.subset import Subset

DISTANCE, WITHIN = 2.0, 5  # between the classes' means, in standard deviations; dimensions
REPEATS, SPLITS, FRACTION = 400, 10, 0.2


class Setting(NamedTuple):
    """So many groups of each class, each of so many examples that share `shared` of their variance."""

    groups: tuple[int, int]
    each: int
    shared: float


SETTINGS = {
    "images": Setting((200, 40), 1, 0.0),
    "patients": Setting((60, 30), 4, 0.3),
}


def drawn(setting: Setting, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features (N, 5), labels (N,) and groups (N,) of a data set."""
    count = sum(setting.groups)
    groups = np.repeat(np.arange(count), setting.each)
    labels = np.repeat(np.repeat([0, 1], setting.groups), setting.each)
    of_groups, own = rng.normal(size=(count, WITHIN)), rng.normal(size=(len(groups), WITHIN))
    features = np.sqrt(setting.shared) * of_groups[groups] + np.sqrt(1 - setting.shared) * own
    features[:, 0] += DISTANCE * labels
    return features, labels, groups


def thresholds(features: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, tuple[float, float]]:
    """The direction of the nearest mean, and two thresholds: by equal priors, and by those in training."""
    means = [features[labels == label].mean(axis=0) for label in (0, 1)]
    direction = means[1] - means[0]
    middle = float(direction @ (means[0] + means[1]) / 2)
    sizes = np.bincount(labels)
    return direction, (middle, middle + np.log(sizes[0] / sizes[1]))


def measured(features: np.ndarray, labels: np.ndarray, is_test: np.ndarray) -> list[float]:
    """The balanced accuracies of two methods that are trained on a part and tested on the other."""
    direction, cuts = thresholds(features[~is_test], labels[~is_test])
    scores, truth = features[is_test] @ direction, labels[is_test] == 1
    return [float(np.mean(scores[truth] > cut) + np.mean(scores[~truth] <= cut)) / 2 for cut in cuts]


def expected(setting: Setting, rng: np.random.Generator) -> np.ndarray:
    """Their expectations over training sets of this kind, by the normal distribution of new examples."""
    smaller = setting._replace(groups=tuple(round((1 - FRACTION) * count) for count in setting.groups))
    values = []
    for _ in range(3000):
        features, labels, _ = drawn(smaller, rng)
        direction, cuts = thresholds(features, labels)
        norm = np.linalg.norm(direction)
        values.append([(ndtr((DISTANCE * direction[0] - c) / norm) + ndtr(c / norm)) / 2 for c in cuts])
    return np.mean(values, axis=0)


def of_one_study(setting: Setting, rng: np.random.Generator) -> tuple[pd.DataFrame, float]:
    """The values of two methods on repeated splits of one data set, and the overlap of the splits."""
    features, labels, groups = drawn(setting, rng)
    pool = Arrays(features, labels, features, labels, ("a", "b"), groups, FRACTION)  # type: ignore[arg-type]
    subsets, rows = [], []
    for replicate in range(SPLITS):
        test = draw_test(pool, rng)
        subsets.append(Subset(np.flatnonzero(~test), np.bincount(labels[~test]), test))
        for method, value in zip(("baseline", "prior"), measured(features, labels, test), strict=True):
            rows.append((method, "argmax", "accuracy", replicate, value))
    return pd.DataFrame(rows, columns=["method", "rule", "measure", "replicate", "value"]), overlap_of(
        subsets
    )


def covers(row: pd.Series, truth: float) -> bool:
    return row["low"] <= truth <= row["high"]


@pytest.mark.slow
@pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS)
def test_intervals_cover_the_truth_as_often_as_they_say(setting: Setting) -> None:
    rng = np.random.default_rng(0)
    baseline, prior = expected(setting, rng)
    hits = {"mean": 0, "difference": 0, "mean without correction": 0}
    for _ in range(REPEATS):
        values, overlap = of_one_study(setting, rng)
        hits["mean"] += covers(summarize(values, overlap).iloc[0], baseline)
        hits["difference"] += covers(compare(values, overlap=overlap).iloc[0], prior - baseline)
        hits["mean without correction"] += covers(summarize(values).iloc[0], baseline)
    shares = {name: count / REPEATS for name, count in hits.items()}
    assert 0.92 <= shares["mean"] <= 0.98, shares
    assert 0.92 <= shares["difference"] <= 0.98, shares
    assert shares["mean without correction"] < 0.85, "or there would be nothing to correct"


def table(**methods: list[float]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            (method, "argmax", "accuracy", replicate, value)
            for method, values in methods.items()
            for replicate, value in enumerate(values)
        ],
        columns=["method", "rule", "measure", "replicate", "value"],
    )


def test_the_correction_is_nadeau_and_bengios() -> None:
    """By hand: differences 0.1, 0.2, 0.3, of which S = 0.1; a fifth is tested, so the overlap is 1/4."""
    values = table(baseline=[0.5, 0.5, 0.5], other=[0.6, 0.7, 0.8])
    test = np.arange(10) < 2
    overlap = overlap_of([Subset(np.flatnonzero(~test), np.array([4, 4]), test)] * 3)
    assert overlap == pytest.approx(0.25)
    (row,) = compare(values, overlap=overlap).itertuples()
    error = 0.1 * np.sqrt(1 / 3 + 1 / 4)
    assert row.high - row.difference == pytest.approx(stats.t.ppf(0.975, 2) * error)
    assert row.p == pytest.approx(2 * stats.t.sf(0.2 / error, 2))
    (_, mean) = summarize(values, overlap).itertuples()
    assert mean.mean - mean.low == pytest.approx(stats.t.ppf(0.975, 2) * error)


def test_replicates_on_the_same_test_images_are_not_corrected() -> None:
    assert overlap_of([Subset(np.arange(3), np.array([1, 2]))] * 2) == 0
