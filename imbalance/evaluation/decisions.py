"""Decision rules, which turn logits into classes.

They cost nothing, so that every method is evaluated under all of them.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax

Rule = Literal["argmax", "prior", "logit_adjustment", "deployment", "threshold"]
# The rules whose scores are no probabilities: a threshold moves decisions, whatever the priors.
WITHOUT_PROBABILITIES: tuple[Rule, ...] = ("threshold",)


Scores = NDArray[np.float64]


@dataclass(frozen=True)
class Decision:
    """How a rule decides by a network: its scores are scale * ln p + constants (C,), the same for all images.

    So a rule changes no class's ranking of the images in two classes, nor in more classes if `scale` is 1.
    """

    constants: Scores
    scale: float = 1

    def scores(self, logits: NDArray[np.floating]) -> Scores:
        """Return the log scores (N, C) of logits (N, C): the decision is their argmax.

        They are in float64, so that confident networks give no ties, and rows are not renormalised, as this
        would change the ranking. Their softmax is the probability that the rule gives.
        """
        return self.scale * log_softmax(logits.astype(np.float64), axis=1) + self.constants


def decision(
    rule: Rule,
    sizes: NDArray[np.integer],
    tau: float = 1,
    shares: NDArray[np.floating] | None = None,
    constants: NDArray[np.floating] | None = None,
    calibration: Decision | None = None,
) -> Decision:
    """Return how a rule decides by a network whose training set has class `sizes` (C,) before any sampling.

    "argmax": by ln p. "prior", thresholding (Richard & Lippmann 1991; Buda et al. 2018, §2.2): by ln(p / pi),
    with the priors pi = n / sum(n) of the training set, whatever the method (Buda's literal reading).
    "logit_adjustment" (Menon et al. 2021): by ln(p / pi^tau). "deployment" (Saerens, Latinne & Decaestecker
    2002, §2): by ln(p q / pi), with the `shares` q (C,) of the classes where the network will be used; p is
    right for the training set, or by a `calibration` (calibrating.py) for held-out images of those `sizes`.
    "threshold": by ln p and the `constants` of a threshold (working_points.py).
    """
    log_priors = np.log(sizes / sizes.sum())
    match rule:
        case "argmax":
            return Decision(np.zeros(len(sizes)))
        case "prior":
            return Decision(-log_priors)
        case "logit_adjustment":
            return Decision(-(tau * log_priors))
        case "deployment" if shares is not None:
            right = calibration or Decision(np.zeros(len(sizes)))
            return Decision(right.constants + np.log(shares) - log_priors, right.scale)
        case "threshold" if constants is not None:
            return Decision(np.asarray(constants, np.float64))
    raise ValueError(f"the rule {rule} needs {'shares' if rule == 'deployment' else 'constants'}")


def scores(
    rule: Rule,
    logits: NDArray[np.floating],
    sizes: NDArray[np.integer],
    tau: float = 1,
    shares: NDArray[np.floating] | None = None,
) -> Scores:
    """Return the log scores (N, C) of a `decision` by a rule without calibration or threshold."""
    return decision(rule, sizes, tau, shares).scores(logits)
