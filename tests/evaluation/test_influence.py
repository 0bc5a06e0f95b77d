"""The error that the test images leave in measures of two classes, against test sets drawn anew."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit

from imbalance.evaluation import influence, two_classes
from imbalance.evaluation.testset import half_width
from imbalance.evaluation.two_classes import Sample

Z = stats.norm.ppf(0.975)
POSITIVE = np.arange(900) < 200
LABELS = POSITIVE.astype(int)


def drawn(rng: np.random.Generator, prevalence: float) -> Sample:
    log_odds = rng.normal(np.where(POSITIVE, 1, -2), 1.5)
    return Sample(log_odds, POSITIVE, prevalence, specificity=0.9, sensitivity=0.8)


def measures(sample: Sample) -> dict[str, float]:
    called, probability = sample.log_odds > -0.5, expit(sample.log_odds)
    return (
        two_classes.ranking_measures(sample)
        | two_classes.decision_measures(sample, called)
        | two_classes.probability_measures(sample, probability)
    )


def errors(sample: Sample) -> dict[str, float]:
    called, probability = sample.log_odds > -0.5, expit(sample.log_odds)
    parts = (
        influence.of_ranking(sample)
        | influence.of_decisions(sample, called, 1)
        | influence.of_probabilities(sample, probability)
    )
    return {name: half_width([part], LABELS) for name, part in parts.items()}


@pytest.mark.parametrize("prevalence", [200 / 900, 0.03])
def test_it_is_the_spread_over_test_sets_drawn_anew(prevalence: float) -> None:
    rng = np.random.default_rng(0)
    values = [measures(drawn(rng, prevalence)) for _ in range(400)]
    found = [errors(drawn(rng, prevalence)) for _ in range(15)]
    assert values[0].keys() - found[0].keys() == {"positive_calibration_error"}
    for name in found[0]:
        spread = Z * np.std([each[name] for each in values])
        assert np.mean([each[name] for each in found]) == pytest.approx(spread, rel=0.15), name


def test_without_an_image_called_positive_there_is_no_predictive_value() -> None:
    sample = drawn(np.random.default_rng(0), 0.1)
    parts = influence.of_decisions(sample, np.zeros(900, bool), 1)
    assert parts.keys() == {"sensitivity", "specificity", "f1"}
