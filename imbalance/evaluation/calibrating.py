"""Calibration: what makes the probabilities of a network of two classes right, learned on held-out images."""

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from imbalance.evaluation.decisions import Decision, Scores

FLATTEST = 1e-6  # slope of a calibration, which leaves the ranking as it is


def calibration(log_odds: Scores, positive: NDArray[np.bool_], number: int) -> Decision:
    """Return what makes the probabilities of two classes right on held-out images (Platt 1999).

    `log_odds` (M,) are those of the positive class, whose number is `number`, and `positive` (M,) marks its
    images; there are some of both. Sampling, and losses that make up for the priors, shift the log-odds, and
    networks are too sure of themselves: slope and intercept are those of a logistic regression. Its targets
    are not 0 and 1, but smoothed as if each class had two more images, one of them on the wrong side.
    """
    negatives, positives = np.count_nonzero(~positive), np.count_nonzero(positive)
    targets = np.where(positive, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    unit = float(log_odds.std()) or 1.0
    regression = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(
        np.tile(log_odds / unit, 2)[:, None],
        np.repeat([True, False], len(log_odds)),
        sample_weight=np.concatenate([targets, 1 - targets]),
    )
    slope, intercept = float(regression.coef_[0, 0]) / unit, float(regression.intercept_[0])
    if slope < FLATTEST:  # no better than a guess: the probabilities are the shares of the classes
        slope, intercept = FLATTEST, float(np.log(positives / negatives))
    return Decision(np.where(np.arange(2) == number, intercept, 0.0), slope)
