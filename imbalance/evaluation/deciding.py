"""How the networks of a run decide under every rule, and what is asked of two classes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance.errors import InputError
from imbalance.evaluation import working_points
from imbalance.evaluation.calibrating import calibration
from imbalance.evaluation.decisions import Decision, Rule, Scores, decision
from imbalance.evaluation.two_classes import Sample
from imbalance.evaluation.working_points import TwoClasses
from imbalance.methods.parts.held_out import log_odds
from imbalance.subsets.subset import Subset


@dataclass(frozen=True)
class Question:
    """What is asked of two classes: the number of the positive one, and its prevalence, if it is stated."""

    positive: int
    prevalence: float | None
    asked: TwoClasses

    def sample(self, ranking: Scores, labels: NDArray[np.integer]) -> Sample:
        """Return the test images as a network ranks them, by log-odds (N, 2) and labels (N,)."""
        positive = labels == self.positive
        return Sample(
            log_odds=ranking[:, self.positive],
            positive=positive,
            prevalence=self.prevalence or float(positive.mean()),
            specificity=self.asked.specificity,
            sensitivity=self.asked.sensitivity,
        )


@dataclass(frozen=True)
class Deciding:
    """The decision rules of a run, their parameters, and what is asked of two classes.

    `tau` is that of the rule "logit_adjustment", and `deployment` has the classes' shares where the networks
    will be used, by name.
    """

    rules: Sequence[Rule]
    tau: float = 1
    deployment: Mapping[str, float] | None = None
    two_classes: TwoClasses = field(default_factory=TwoClasses)

    def question(self, classes: Sequence[str], subsets: Sequence[Subset]) -> Question | None:
        """Return what is asked of two classes, or None for more.

        The positive class is the named one, or that with the fewest training images in all replicates; of
        equals, the second.
        """
        if len(classes) != 2:
            return None
        sizes = np.sum([subset.sizes for subset in subsets], axis=0)
        named, stated = self.two_classes.positive, self.two_classes.prevalence
        positive = list(classes).index(named) if named is not None else int(sizes[0] >= sizes[1])
        if stated is None and self.deployment:
            stated = self.deployment[classes[positive]]
        return Question(positive, stated, self.two_classes)

    def decisions(
        self,
        network: tuple[str, int],
        classes: Sequence[str],
        subset: Subset,
        held_out: pd.DataFrame,
        question: Question | None,
    ) -> dict[Rule, Decision]:
        """Return how every rule decides by a network, its method and replicate.

        `held_out` has the logits and labels of its held-out images, if there are any. Calibrated on them,
        probabilities are right for their class sizes, which rounding and groups make others than the training
        set's. Raises `InputError` if the rule "threshold" lacks held-out images of both classes, or if the
        rule "deployment" has such of one class alone: other replicates would be calibrated, and this not.
        """
        constants, right, calibrated = None, None, subset.sizes
        shares = np.array([self.deployment[name] for name in classes]) if self.deployment else None
        if question:
            number = question.positive
            positive = held_out["label"].to_numpy() == number
            if 0 < positive.sum() < len(positive):
                odds = log_odds(held_out[["logit_0", "logit_1"]].to_numpy())[:, number]
                right = calibration(odds, positive, number)
                calibrated = np.bincount(held_out["label"], minlength=2)
                prevalence = question.prevalence or float(positive.mean())
                cut = working_points.threshold(odds, positive, question.asked.aim, prevalence)
                constants = working_points.constants(cut, number)
            elif "threshold" in self.rules or ("deployment" in self.rules and len(positive)):
                rule = "threshold" if "threshold" in self.rules else "deployment"
                raise InputError(
                    f"{network[0]}, replicate {network[1]}: the rule {rule} needs held-out images of both "
                    "classes; raise `validation` of the method, or drop the rule."
                )
        sizes = {rule: calibrated if rule == "deployment" else subset.sizes for rule in self.rules}
        return {
            rule: decision(rule, each, self.tau, shares, constants, right) for rule, each in sizes.items()
        }
