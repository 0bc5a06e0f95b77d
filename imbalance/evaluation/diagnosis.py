"""The tables of a network of two classes that there are beside those of any network."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import softmax

from imbalance.evaluation import influence, two_classes
from imbalance.evaluation.deciding import Question
from imbalance.evaluation.decisions import WITHOUT_PROBABILITIES, Decision, Rule, Scores
from imbalance.evaluation.testset import Contribution

Measured = list[tuple[str, str, float]]
Diagnosed = tuple[Measured, dict[str, dict[str, Contribution]], dict[str, pd.DataFrame]]


def of_network(
    question: Question,
    ranking: Scores,
    labels: NDArray[np.integer],
    decisions: Mapping[Rule, Decision],
    scores_of: Mapping[Rule, Scores],
) -> Diagnosed:
    """Return measures as (rule, measure, value), contributions by rule, and tables of a network.

    `ranking` are its log-odds (N, 2) for the test images, `scores_of` its scores (N, 2) by the `decisions` of
    each rule. The tables are working_points, with a row for each rule; curves; and reliability, of the rules
    that give probabilities.
    """
    sample, number = question.sample(ranking, labels), question.positive
    measured = [("any", name, value) for name, value in two_classes.ranking_measures(sample).items()]
    parts = {"any": influence.of_ranking(sample)}
    points, bins = {}, {}
    for rule, scores in scores_of.items():
        called = scores.argmax(axis=1) == number
        values = two_classes.decision_measures(sample, called)
        parts[rule] = influence.of_decisions(sample, called, number)
        decision = decisions[rule]
        cut = float(decision.constants[1 - number] - decision.constants[number]) / decision.scale
        points[rule] = two_classes.working_point(sample, called, cut, decision.scale)
        if rule not in WITHOUT_PROBABILITIES:
            probability = softmax(scores, axis=1)[:, number]
            values |= two_classes.probability_measures(sample, probability)
            parts[rule] |= influence.of_probabilities(sample, probability)
            bins[rule] = two_classes.reliability(sample, probability)
        measured += [(rule, name, value) for name, value in values.items()]
    tables = {
        name: pd.concat(of_rules, names=["rule"]).reset_index("rule")
        for name, of_rules in {"working_points": points, "reliability": bins}.items()
    }
    return measured, parts, tables | {"curves": two_classes.curves(sample)}
