"""The sampling error of the test set in measures of two classes: contributions of images, to first order.

A measure is a function of means over the positive and over the negative test images. An image contributes by
the slopes of that function (the delta method), so that `imbalance.evaluation.testset` gives the error.
"""

import numpy as np

from imbalance.evaluation.testset import Contribution
from imbalance.evaluation.two_classes import Floats, Marks, Sample, called_at
from imbalance.evaluation.working_points import rates

Contributions = dict[str, Contribution]


def of_ranking(sample: Sample) -> Contributions:
    """Return the contributions to the measures of a ranking."""
    log_odds, positive = sample.log_odds, sample.positive
    return {
        "positive_average_precision": _of_both(_of_average_precision(sample)),
        "sensitivity_at_specificity": _of_both(_of_rate(log_odds, positive, 1 - sample.specificity)),
        "specificity_at_sensitivity": _of_both(_of_rate(-log_odds, ~positive, 1 - sample.sensitivity)),
    }


def of_decisions(sample: Sample, called: Marks, positive: int) -> Contributions:
    """Return the contributions to the measures of decisions; `positive` is the positive class's number.

    A positive predictive value without any image that is called positive has none.
    """
    right, is_positive = called == sample.positive, np.arange(2) == positive
    hits, alarms = sample.found(called)
    either = hits + alarms + sample.prevalence
    slopes = {"f1": (2 * (alarms + sample.prevalence) / either**2, -2 * hits / either**2)}
    if called.any():
        slopes["positive_predictive_value"] = alarms / (hits + alarms) ** 2, -hits / (hits + alarms) ** 2
    return {
        "sensitivity": Contribution(right, is_positive.astype(np.float64)),
        "specificity": Contribution(right, (~is_positive).astype(np.float64)),
        **{name: _of_both(_shares(sample, *slope) * called) for name, slope in slopes.items()},
    }


def of_probabilities(sample: Sample, probability: Floats) -> Contributions:
    """Return the contributions to those measures of probabilities that are means over images."""
    return {"positive_brier": _of_both(_shares(sample, 1, 1) * (probability - sample.positive) ** 2)}


def _shares(sample: Sample, of_positive: float | Floats, of_negative: float | Floats) -> Floats:
    """Return the factors of positive and of negative images (N,), times the share of their class."""
    prevalence = sample.prevalence
    return np.where(sample.positive, prevalence * of_positive, (1 - prevalence) * of_negative)


def _of_average_precision(sample: Sample) -> Floats:
    """Return the images' contributions (N,) to the average precision, the mean precision at the positives.

    A positive image contributes the precision at its own place; and each image, by its class's rate there, to
    the precision at all positives that it is not below.
    """
    places = np.sort(sample.log_odds[sample.positive])
    sensitivity, false_alarms = rates(sample.log_odds, sample.positive, places)
    hits, alarms = sample.prevalence * sensitivity, (1 - sample.prevalence) * false_alarms
    below = np.searchsorted(places, sample.log_odds, side="right")
    of_hits, of_alarms = (
        np.append(0, np.cumsum(slopes / (hits + alarms) ** 2))[below] / len(places)
        for slopes in (alarms, -hits)
    )
    own = np.zeros(len(below))
    own[sample.positive] = (hits / (hits + alarms))[np.searchsorted(places, sample.log_odds[sample.positive])]
    return own + _shares(sample, of_hits, of_alarms)


def _of_rate(ranking: Floats, wanted: Marks, rate: float) -> Floats:
    """Return the contributions (N,) to the share of wanted images at a rate of false alarms.

    Other images move the threshold, and so the share by the slope of the ROC curve (Hsieh & Turnbull 1996),
    which is taken over a standard error of the rate to both sides.
    """
    called = called_at(ranking, ~wanted, rate)
    error = np.sqrt(rate * (1 - rate) / np.count_nonzero(~wanted))
    ends = max(0.0, rate - error), min(1 - 1e-9, rate + error)
    low, high = (called_at(ranking, ~wanted, end)[wanted].mean() for end in ends)
    slope = (high - low) / (ends[1] - ends[0])
    return np.where(wanted, 1.0, -slope) * called


def _of_both(values: Floats) -> Contribution:
    """Return the contribution of images (N,) that are already weighted by class."""
    return Contribution(values, np.ones(2))
