"""Calibration on held-out images."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit

from imbalance.evaluation.calibrating import calibration


def test_calibration_is_platts_regression() -> None:
    rng = np.random.default_rng(0)
    positive = np.arange(60) < 12
    log_odds = 4 * rng.normal(np.where(positive, 1, -1), 1) + 3
    targets = np.where(positive, 13 / 14, 1 / 50)

    def loss(line: np.ndarray) -> float:
        p = expit(line[0] * log_odds + line[1])
        return -float((targets * np.log(p) + (1 - targets) * np.log1p(-p)).sum())

    slope, intercept = minimize(loss, [0.1, 0], method="Nelder-Mead", options={"xatol": 1e-9}).x
    found = calibration(log_odds, positive, number=0)
    assert found.scale == pytest.approx(slope, rel=1e-4)
    assert found.constants == pytest.approx([intercept, 0], abs=1e-4)


def test_calibration_of_what_is_separated_or_worse_than_a_guess_is_finite() -> None:
    positive = np.arange(20) < 4
    separated = calibration(np.where(positive, 50.0, -50), positive, 1)
    assert expit(50 * separated.scale + separated.constants[1]) == pytest.approx(5 / 6, abs=1e-4)
    wrong = calibration(np.where(positive, -1.0, 1), positive, 1)
    assert wrong.scale > 0, "the ranking stays"
    assert expit(wrong.constants[1]) == pytest.approx(0.2)
    assert np.isfinite(calibration(np.zeros(20), positive, 1).constants).all()
