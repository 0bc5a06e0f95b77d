"""Measures of two classes, against scikit-learn's."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.special import expit
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    f1_score,
    precision_recall_curve,
    precision_score,
    recall_score,
    roc_curve,
)

from imbalance.evaluation.two_classes import (
    GRID,
    Sample,
    curves,
    decision_measures,
    mean_reliability,
    probability_measures,
    ranking_measures,
    reliability,
    working_point,
)


def sample(seed: int = 0, prevalence: float | None = None, step: float = 0.5) -> Sample:
    """30 positive and 170 negative images, with ties."""
    rng = np.random.default_rng(seed)
    positive = np.arange(200) < 30
    log_odds = np.round((rng.normal(size=200) + np.where(positive, 1, -1)) / step) * step
    return Sample(log_odds, positive, prevalence or 0.15, specificity=0.9, sensitivity=0.8)


@pytest.mark.parametrize("prevalence", [None, 0.01, 0.5])
def test_measures_are_scikit_learns_at_the_prevalence(prevalence: float | None) -> None:
    images = sample(prevalence=prevalence)
    truth, weights = images.positive, images.weights
    assert weights[truth].sum() / weights.sum() == pytest.approx(prevalence or 0.15)
    called, probability = images.log_odds > -0.25, expit(images.log_odds)
    assert decision_measures(images, called) == {
        "sensitivity": pytest.approx(recall_score(truth, called)),
        "specificity": pytest.approx(recall_score(truth, called, pos_label=False)),
        "f1": pytest.approx(f1_score(truth, called, sample_weight=weights)),
        "positive_predictive_value": pytest.approx(precision_score(truth, called, sample_weight=weights)),
    }
    fpr, tpr, _ = roc_curve(truth, images.log_odds, drop_intermediate=False)
    assert ranking_measures(images) == {
        "positive_average_precision": average_precision_score(truth, images.log_odds, sample_weight=weights),
        "sensitivity_at_specificity": pytest.approx(tpr[fpr <= 0.1].max()),
        "specificity_at_sensitivity": pytest.approx(1 - fpr[tpr >= 0.8 - 1e-9].min()),
    }
    measured = probability_measures(images, probability)
    assert measured["positive_brier"] == pytest.approx(
        brier_score_loss(truth, probability, sample_weight=weights)
    )
    (point,) = working_point(images, called, -0.25, slope=1).to_dict("records")
    assert point["threshold"] == pytest.approx(expit(-0.25))
    assert point["sensitivity"] == pytest.approx(recall_score(truth, called))


@given(st.integers(0, 1000), st.sampled_from([0.01, 0.5, 2]))
def test_a_rate_is_read_where_the_roc_curve_allows_it(seed: int, step: float) -> None:
    images = sample(seed, step=step)
    fpr, tpr, _ = roc_curve(images.positive, images.log_odds, drop_intermediate=False)
    measured = ranking_measures(images)
    assert measured["sensitivity_at_specificity"] == pytest.approx(tpr[fpr <= 0.1 + 1e-9].max())
    assert measured["specificity_at_sensitivity"] == pytest.approx(1 - fpr[tpr >= 0.8 - 1e-9].min())


def test_nothing_called_positive_predicts_nothing() -> None:
    measured = decision_measures(sample(), np.zeros(200, bool))
    assert measured == {"sensitivity": 0, "specificity": 1, "f1": 0, "positive_predictive_value": 0}


def test_curves_are_scikit_learns_steps() -> None:
    images = sample(prevalence=0.05)
    drawn = {name: table.set_index("x")["y"] for name, table in curves(images).groupby("curve")}
    fpr, tpr, _ = roc_curve(images.positive, images.log_odds, drop_intermediate=False)
    assert drawn["roc"].tolist() == pytest.approx([tpr[fpr <= x + 1e-9].max() for x in GRID])
    precision, recall, _ = precision_recall_curve(
        images.positive, images.log_odds, sample_weight=images.weights
    )
    last = [precision[recall >= x - 1e-9][-1] for x in GRID[1:]]  # in order of rising thresholds
    assert drawn["precision_recall"].tolist() == pytest.approx(last)


def test_calibration_by_hand() -> None:
    """Of ten images at 0.21, three are positive; of ten at 0.75, five."""
    positive = np.array([True] * 3 + [False] * 7 + [True] * 5 + [False] * 5)
    probability = np.repeat([0.21, 0.75], 10)
    images = Sample(probability, positive, 0.4, 0.9, 0.9)
    assert probability_measures(images, probability) == {
        "positive_brier": pytest.approx((3 * 0.79**2 + 7 * 0.21**2 + 5 * 0.25**2 + 5 * 0.75**2) / 20),
        "positive_calibration_error": pytest.approx((0.09 + 0.25) / 2),
    }
    networks = pd.concat([reliability(images, probability)] * 3).assign(method="baseline", rule="argmax")
    first, second = mean_reliability(networks).to_dict("records")
    assert [first["probability"], first["share"], first["mean_images"]] == pytest.approx([0.21, 0.3, 10])
    assert [second["probability"], second["share"], second["mean_images"]] == pytest.approx([0.75, 0.5, 10])
    interval = stats.beta(3.5, 7.5).ppf([0.025, 0.975])
    assert [first["low"], first["high"]] == pytest.approx(interval), "of ten images, not of thirty"


def test_at_another_prevalence_a_bin_has_the_share_of_positives_that_bayes_gives() -> None:
    rng = np.random.default_rng(0)
    positive = np.arange(100_000) < 50_000
    log_odds = rng.normal(np.where(positive, 1, -1), np.sqrt(2))  # so that they are right at equal shares
    images = Sample(log_odds, positive, 0.02, 0.9, 0.9)
    right = expit(log_odds + np.log(0.02 / 0.98))
    assert probability_measures(images, right)["positive_calibration_error"] < 0.001
    assert probability_measures(images, expit(log_odds))["positive_calibration_error"] > 0.2
    table = mean_reliability(reliability(images, right).assign(method="baseline", rule="deployment"))
    often = table[table["mean_images"] > 1000]
    assert len(often) > 5
    assert often["share"].tolist() == pytest.approx(often["probability"].tolist(), abs=0.03)
    assert (often["low"] < often["share"]).all()
    assert (often["share"] < often["high"]).all()
