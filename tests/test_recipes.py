"""Learning-rate policies, and how a budget stretches them."""

import pytest
from pydantic import ValidationError

from imbalance.recipes import Inv, Multistep, Poly, Recipe


def recipe(**changes: object) -> Recipe:
    lenet = dict(
        network="lenet5",
        batch=64,
        iterations=10_000,
        base_lr=0.01,
        policy=dict(name="inv", gamma=0.0001, power=0.75),
        momentum=0.9,
        weight_decay=0.0005,
        bias_lr=2,
    )
    return Recipe.model_validate(lenet | changes)


@pytest.mark.parametrize(
    ("iteration", "rate"), [(0, 0.01), (1000, 0.00931012), (5000, 0.00737788), (10_000, 0.00594604)]
)
def test_inv_of_lenet(iteration: int, rate: float) -> None:
    assert recipe().learning_rate(iteration, 10_000) == pytest.approx(rate, abs=5e-9)
    assert 0.01 * Inv(name="inv", gamma=0.0001, power=0.75).factor(iteration, 10_000) == pytest.approx(
        rate, abs=5e-9
    )


def test_multistep_drops_at_the_first_iteration_that_reaches_the_step() -> None:
    policy = Multistep(name="multistep", gamma=0.1, steps=(40_000, 50_000, 60_000))
    for iteration, factor in [
        (0, 1),
        (39_999, 1),
        (40_000, 0.1),
        (49_999, 0.1),
        (50_000, 0.01),
        (69_999, 0.001),
    ]:
        assert policy.factor(iteration, 70_000) == pytest.approx(factor)


def test_poly_falls_linearly_to_zero() -> None:
    policy = Poly(name="poly", power=1)
    assert [policy.factor(t, 320_000) for t in (0, 160_000, 320_000)] == [1, 0.5, 0]


def test_a_budget_scales_the_iterations_and_stretches_the_policy() -> None:
    assert recipe().iterations_within(0.1) == 1000
    assert recipe().iterations_within(1) == 10_000
    assert recipe().iterations_within(1e-9) == 1
    assert recipe().learning_rate(100, 1000) == recipe().learning_rate(1000, 10_000)


@pytest.mark.parametrize(
    "changes", [dict(policy=dict(name="step")), dict(batch=0), dict(momentum=1), dict(lr=1)]
)
def test_bad_recipes_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        recipe(**changes)
