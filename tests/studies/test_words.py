from dataclasses import astuple

import pytest

from imbalance.studies.contrasts import Effect
from imbalance.studies.words import all_decided, counted, decided, listed, place, points, scaled, spread

UP, DOWN, OPEN = Effect(0.02, 0.01, 0.03, 8), Effect(-0.0125, -0.02, -0.005, 8), Effect(0.0, -0.01, 0.01, 8)


def test_effects_are_in_percentage_points_with_true_minus_signs() -> None:
    assert points(DOWN) == "\N{MINUS SIGN}1.25 (\N{MINUS SIGN}2.00 to \N{MINUS SIGN}0.50)"
    assert listed({0.1: UP, 1000.0: OPEN}, "x").startswith("+2.00 (+1.00 to +3.00) at x = 0.1; +0.00 (")


def test_the_words_follow_from_the_interval() -> None:
    assert [decided(value, "up", "down", "open") for value in (UP, DOWN, OPEN)] == ["up", "down", "open"]
    assert all_decided([UP, UP], "up", "down", "mixed") == "up"
    assert all_decided([UP, OPEN], "up", "down", "mixed") == "mixed"
    assert all_decided([UP, DOWN], "up", "down", "mixed") == "mixed"


def test_counts_and_extremes() -> None:
    effects = {(10.0, 0.1): UP, (10.0, 0.5): DOWN, (5000.0, 0.5): OPEN}
    assert counted(effects, "above", "below") == "above at 1 of 3 conditions and below at 1"
    assert spread(effects).startswith("from \N{MINUS SIGN}1.25 (")
    assert "at ρ = 10, μ = 0.5, to +2.00 (+1.00 to +3.00) at ρ = 10, μ = 0.1" in spread(effects)
    assert place((5000.0, 0.5)) == "ρ = 5,000, μ = 0.5"


def test_another_unit_scales_the_interval_too() -> None:
    assert astuple(scaled(UP, 0.5)) == pytest.approx((0.01, 0.005, 0.015, 8))
