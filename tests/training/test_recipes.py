"""Learning-rate policies, and how a budget stretches them."""

import pytest
from pydantic import ValidationError

from imbalance.errors import InputError
from imbalance.training.recipes import Inv, Multistep, Poly, Recipe
from tests.builders.training import recipe


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
    assert recipe().iterations_within(0.1, 500) == 1000
    assert recipe().iterations_within(1, 500) == 10_000
    assert recipe().iterations_within(1e-4, 500) == 1
    with pytest.raises(InputError, match=r"budget = 1e-09 leaves none of the 10000 iterations; give 0.0001"):
        recipe().iterations_within(1e-9, 500)
    with pytest.raises(InputError, match=r"budget = 0.0001 leaves none of the 800 iterations"):
        cao().iterations_within(1e-4, 512)
    assert recipe().learning_rate(100, 1000) == recipe().learning_rate(1000, 10_000)


@pytest.mark.parametrize(
    "changes",
    [
        dict(policy=dict(name="step")),
        dict(batch=0),
        dict(momentum=1),
        dict(lr=1),
        dict(base_lr=[]),
        dict(epochs=3),
        dict(iterations=None),
    ],
)
def test_bad_recipes_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        recipe(**changes)


def cao(**changes: object) -> Recipe:
    """Cao et al. (2019): 200 epochs, warm-up over 5, rates 0.1, 0.001 from epoch 160, 0.00001 from 180."""
    staged = dict(name="multistep", gamma=0.01, steps=[160, 180], warmup=5)
    return recipe(iterations=None, epochs=200, batch=128, base_lr=0.1, policy=staged, **changes)


def test_epochs_are_of_the_training_set() -> None:
    assert cao().iterations_within(1, 12_406) == 200 * 97
    assert cao().iterations_within(0.5, 128) == 100
    assert cao(iter_size=2).iterations_within(1, 257) == 400


@pytest.mark.parametrize("images", [12_406, 1_000, 997, 13_996])
def test_warm_up_and_steps_are_constant_within_an_epoch(images: int) -> None:
    iterations = cao().iterations_within(1, images)
    of_an_epoch = iterations // 200
    expected = [0.02, 0.04, 0.06, 0.08, 0.1] + [0.1] * 155 + [0.001] * 20 + [0.00001] * 20
    for epoch, rate in enumerate(expected):
        for iteration in (epoch * of_an_epoch, (epoch + 1) * of_an_epoch - 1):
            assert cao().learning_rate(iteration, iterations) == pytest.approx(rate), (epoch, iteration)


def test_a_stretched_step_is_not_missed_by_a_rounding_error() -> None:
    for iterations in range(10, 3000, 10):
        assert cao().learning_rate(iterations * 8 // 10, iterations) == pytest.approx(0.001)


def test_several_rates_or_repeats_are_a_search() -> None:
    assert not recipe().searches
    assert recipe(repeats=2).searches
    several = recipe(base_lr=[0.05, 0.005])
    assert several.searches
    assert not several.with_rate(0.005).searches
    assert several.with_rate(0.005).learning_rate(0, 10) == 0.005
