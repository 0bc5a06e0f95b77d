"""Decision rules, which turn logits into classes.

They cost nothing, so that every method is evaluated under all of them.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax

Rule = Literal["argmax", "prior", "logit_adjustment"]

Scores = NDArray[np.float64]


def scores(rule: Rule, logits: NDArray[np.floating], sizes: NDArray[np.integer], tau: float = 1) -> Scores:
    """Return the log scores (N, C) of the classes under a rule; the decision is their argmax.

    "argmax": ln p, the plain softmax. "prior", thresholding (Richard & Lippmann 1991; Buda et al. 2018,
    §2.2): ln(p / pi), with the priors pi = n / sum(n) of the imbalanced training set *before* any sampling,
    whatever the method (Buda's literal reading). "logit_adjustment" (Menon et al. 2021): ln(p / pi^tau).

    The scores of each class are divided by a constant, so that its ranking of the images, and hence its ROC
    AUC, is the same under all rules. Rows are not renormalised, as this would change the ranking. Scores are
    logarithms in float64, so that confident networks give no ties.
    """
    log_p = log_softmax(logits.astype(np.float64), axis=1)
    match rule:
        case "argmax":
            return log_p
        case "prior":
            return log_p - np.log(sizes / sizes.sum())
        case "logit_adjustment":
            return log_p - tau * np.log(sizes / sizes.sum())


def towards(log_p: Scores, priors: NDArray[np.floating], deployment: NDArray[np.floating]) -> Scores:
    """Return the log probabilities (N, C) where the classes have other shares (C,) than in the training.

        ln p' = ln(p d / pi) - ln(sum of the same)        (Saerens, Latinne & Decaestecker 2002, eq. 4)

    `priors` pi are the shares that the log probabilities (N, C) are right for, none of them 0, and
    `deployment` d those where the network is used. Each class's images must look alike at both places.
    """
    with np.errstate(divide="ignore"):  # a class that does not occur there has probability 0
        return log_softmax(log_p + np.log(deployment / priors), axis=1)
