"""Measures of two classes, of which one is positive: the terms of diagnostic tests.

What depends on how common the positive class is, is measured at the prevalence where the networks will be
used, if that is stated: the test images are weighted to it. Otherwise it is that of the test set.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from scipy.special import expit
from sklearn.metrics import average_precision_score

from imbalance.evaluation.metrics import CALIBRATION_BINS
from imbalance.evaluation.working_points import ROUNDING, f1, rates

Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]
Measures = dict[str, float]

GRID = np.linspace(0, 1, 101)  # of false positive rates and of recalls
SURE = (0.025, 0.975)


@dataclass(frozen=True)
class Sample:
    """The test images as a network ranks them: log-odds of the positive class (N,), and its images (N,).

    `prevalence` is that of the positive class where the network will be used; `specificity` and `sensitivity`
    are those at which the other one is read from the ROC curve.
    """

    log_odds: Floats
    positive: Marks
    prevalence: float
    specificity: float
    sensitivity: float

    @property
    def ratio(self) -> float:
        """The weight of a positive image, if that of a negative one is 1."""
        share = self.positive.mean()
        return float(self.prevalence / share * (1 - share) / (1 - self.prevalence))

    @property
    def weights(self) -> Floats:
        """The weights (N,) of the images, which give the classes their shares at the prevalence."""
        return np.where(self.positive, self.ratio, 1.0)

    def rates(self, called: Marks) -> tuple[float, float]:
        """Return the shares of the positive and of the negative images that are called positive."""
        return float(called[self.positive].mean()), float(called[~self.positive].mean())

    def found(self, called: Marks) -> tuple[float, float]:
        """Return the shares of all images, at the prevalence, that are hits and that are false alarms."""
        sensitivity, false_alarms = self.rates(called)
        return self.prevalence * sensitivity, (1 - self.prevalence) * false_alarms


def ranking_measures(sample: Sample) -> Measures:
    """Return the measures of the ranking, which no decision rule changes.

    The sensitivity at a specificity is the highest of all thresholds with that specificity or more, on the
    test images themselves: a point of the ROC curve, not what a threshold chosen beforehand achieves.
    """
    log_odds, positive = sample.log_odds, sample.positive
    precision = average_precision_score(positive, log_odds, sample_weight=sample.weights)
    return {
        "positive_average_precision": float(precision),
        "sensitivity_at_specificity": float(
            called_at(log_odds, ~positive, 1 - sample.specificity)[positive].mean()
        ),
        "specificity_at_sensitivity": float(
            called_at(-log_odds, positive, 1 - sample.sensitivity)[~positive].mean()
        ),
    }


def called_at(ranking: Floats, negative: Marks, rate: float) -> Marks:
    """Return the images (N,) above the lowest threshold that at most `rate` of the negative ones exceed."""
    descending = -np.sort(-ranking[negative])
    return ranking > descending[int((rate + ROUNDING) * len(descending))]


def decision_measures(sample: Sample, called: Marks) -> Measures:
    """Return the measures of decisions: which images (N,) are `called` positive.

    Without any such image, the positive predictive value is 0, as is F1.
    """
    sensitivity, false_alarms = sample.rates(called)
    hits, alarms = sample.found(called)
    return {
        "sensitivity": sensitivity,
        "specificity": 1 - false_alarms,
        "f1": float(f1(sensitivity, false_alarms, sample.prevalence)),
        "positive_predictive_value": hits / (hits + alarms) if called.any() else 0.0,
    }


def probability_measures(sample: Sample, probability: Floats) -> Measures:
    """Return the measures of the positive class's probabilities (N,).

    positive_brier is the mean of (probability - truth)^2. positive_calibration_error is the expected
    calibration error (Guo et al. 2017) of this class: the mean of |share of positives - mean probability|
    over 15 bins of probability, weighted by their images.
    """
    weights = sample.weights
    gaps = np.bincount(_bins(probability), weights * (sample.positive - probability))
    return {
        "positive_brier": float(np.average((probability - sample.positive) ** 2, weights=weights)),
        "positive_calibration_error": float(np.abs(gaps).sum() / weights.sum()),
    }


def curves(sample: Sample) -> pd.DataFrame:
    """Return the ROC and precision-recall curves at `GRID`: columns curve, x, y.

    roc: the highest sensitivity with at most this false positive rate. precision_recall: the precision of the
    highest threshold with at least this recall; there is none at recall 0.
    """
    cuts = np.unique(sample.log_odds)[::-1]
    sensitivity, false_alarms = rates(sample.log_odds, sample.positive, cuts)
    allowed = np.searchsorted(false_alarms, GRID + ROUNDING, side="right")
    reaching = np.searchsorted(sensitivity, GRID[1:] - ROUNDING)
    hits, alarms = sample.prevalence * sensitivity, (1 - sample.prevalence) * false_alarms
    return pd.concat(
        [
            pd.DataFrame({"curve": "roc", "x": GRID, "y": np.append(0, sensitivity)[allowed]}),
            pd.DataFrame(
                {"curve": "precision_recall", "x": GRID[1:], "y": (hits / (hits + alarms))[reaching]}
            ),
        ]
    )


def working_point(sample: Sample, called: Marks, threshold: float, slope: float) -> pd.DataFrame:
    """Return decisions as a row of a table; the log-odds of positive ones exceed `threshold`.

    In the table, `threshold` is the probability, as of the softmax, that has these log-odds. The probability
    under the rule is the logistic function of `slope` times the distance of the log-odds from them.
    """
    measured = decision_measures(sample, called)
    columns = ("sensitivity", "specificity", "positive_predictive_value")
    row = {"threshold": float(expit(threshold)), "log_odds": threshold, "slope": slope}
    return pd.DataFrame([row | {name: measured[name] for name in columns}])


def reliability(sample: Sample, probability: Floats) -> pd.DataFrame:
    """Return the bins of the calibration error: their positives, images and total (weighted) probability."""
    bins = _bins(probability)
    counted = {
        "positives": np.bincount(bins, sample.positive, CALIBRATION_BINS),
        "images": np.bincount(bins, minlength=CALIBRATION_BINS),
        "total": np.bincount(bins, sample.weights * probability, CALIBRATION_BINS),
    }
    return pd.DataFrame({"bin": range(CALIBRATION_BINS), "ratio": sample.ratio} | counted)


def mean_reliability(bins: pd.DataFrame) -> pd.DataFrame:
    """Return the reliability of all networks of a method and rule, without empty bins.

    `share` is that of positives among a bin's images of all networks; its 95 % interval is Jeffreys's for as
    many images as a network has there on average, since all networks see the same ones. All are weighted as
    `probability`, the mean, is.
    """
    of_bin = bins.groupby(["method", "rule", "bin"], sort=False)
    mean = of_bin[["positives", "images", "total", "ratio"]].mean().reset_index()
    mean = mean[mean["images"] > 0]
    positives, negatives, ratio = mean["positives"], mean["images"] - mean["positives"], mean["ratio"]
    low, high = (stats.beta(positives + 0.5, negatives + 0.5).ppf(level) for level in SURE)
    return pd.DataFrame(
        {
            "method": mean["method"],
            "rule": mean["rule"],
            "probability": mean["total"] / (ratio * positives + negatives),
            **{
                name: ratio * of_positives / (ratio * of_positives + 1 - of_positives)
                for name, of_positives in {
                    "share": positives / mean["images"],
                    "low": low,
                    "high": high,
                }.items()
            },
            "mean_images": mean["images"],
        }
    )


def _bins(probability: Floats) -> NDArray[np.int64]:
    """Return the bins (N,) of the calibration error, of equal width."""
    return np.minimum((probability * CALIBRATION_BINS).astype(np.int64), CALIBRATION_BINS - 1)
