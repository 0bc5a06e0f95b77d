"""Caffe's SGD, against hand-made numbers and a plain transcription of its rule; the others against torch's."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from imbalance.errors import InputError
from imbalance.training.recipes import AdaptiveMoments, Momentum
from imbalance.training.solvers import Sgd, build
from tests.builders.training import recipe


def test_hand_numbers_where_the_rate_changes() -> None:
    weight = nn.Parameter(torch.ones(1))
    solver = Sgd([("weight", weight)], recipe(weight_decay=0).solver)
    seen = []
    for lr in (0.1, 0.01):
        weight.grad = torch.ones(1)
        solver.step(lr)
        seen.append(weight.item())
    # torch's own SGD would give 0.9, 0.881
    assert seen == pytest.approx([0.9, 0.8], abs=1e-7)


def test_biases_learn_twice_as_fast_and_are_decayed_too() -> None:
    weight, bias = nn.Parameter(torch.full((1,), 2.0)), nn.Parameter(torch.full((1,), 2.0))
    solver = Sgd([("layer.weight", weight), ("layer.bias", bias)], recipe(weight_decay=0.5, bias_lr=2).solver)
    weight.grad, bias.grad = torch.zeros(1), torch.zeros(1)
    solver.step(0.1)
    assert (weight.item(), bias.item()) == pytest.approx((2 - 0.1 * 0.5 * 2, 2 - 0.2 * 0.5 * 2))


def test_equals_caffes_rule_over_a_whole_schedule() -> None:
    rng = np.random.default_rng(0)
    solver_recipe = recipe(weight_decay=0.01, iterations=200)
    weight, bias = (nn.Parameter(torch.from_numpy(rng.normal(size=5)).float()) for _ in range(2))
    solver = Sgd([("weight", weight), ("bias", bias)], solver_recipe.solver)
    expected = [(weight.detach().double().numpy().copy(), 1), (bias.detach().double().numpy().copy(), 2)]
    history = [np.zeros(5), np.zeros(5)]
    for iteration in range(200):
        lr = 10 * solver_recipe.learning_rate(iteration, 200)
        for index, (parameter, (w, multiplier)) in enumerate(zip((weight, bias), expected, strict=True)):
            gradient = rng.normal(size=5)
            parameter.grad = torch.from_numpy(gradient).float()
            history[index] = 0.9 * history[index] + lr * multiplier * (gradient + 0.01 * w)
            w -= history[index]
        solver.step(lr)
    assert weight.detach().numpy() == pytest.approx(expected[0][0], rel=1e-4, abs=1e-4)
    assert bias.detach().numpy() == pytest.approx(expected[1][0], rel=1e-4, abs=1e-4)


def test_step_drops_the_gradients() -> None:
    weight = nn.Parameter(torch.ones(1))
    solver = Sgd([("weight", weight)], recipe().solver)
    weight.grad = torch.ones(1)
    solver.step(0.1)
    assert weight.grad is None


THREE = [
    recipe(weight_decay=0.01).solver,
    Momentum(name="sgd", momentum=0.9, weight_decay=0.01),
    AdaptiveMoments(name="adam", weight_decay=0.01),
]


@pytest.mark.parametrize("settings", THREE, ids=lambda settings: settings.name)
def test_parameters_without_a_gradient_stay_and_the_others_do_not_notice(settings: Any) -> None:
    """Frozen ones of other shapes before and between them: each keeps its own gradient and history."""

    def trained(names: str) -> list[list[float]]:
        shapes = {"a": 2, "b": 3, "c": 3}
        named = {name: nn.Parameter(torch.ones(shapes[name]), name in "bc") for name in names}
        solver = build(settings, [(f"{name}.weight", parameter) for name, parameter in named.items()])
        for step in range(3):
            for number, name in enumerate("bc"):
                named[name].grad = torch.full((3,), 1.0 + step + 10 * number)
            solver.step(0.1)
        assert "a" not in named or named["a"].tolist() == [1, 1]
        return [named[name].tolist() for name in "bc"]

    assert trained("abc") == trained("bac") == trained("bc")


@pytest.mark.parametrize("settings", THREE, ids=lambda settings: settings.name)
def test_a_trained_parameter_without_a_gradient_is_an_error(settings: Any) -> None:
    used, unused = nn.Parameter(torch.ones(3)), nn.Parameter(torch.ones(3))
    solver = build(settings, [("unused.weight", unused), ("used.weight", used)])
    used.grad = torch.ones(3)
    with pytest.raises(InputError, match="1 of 2 trained parameters took no part in the loss"):
        solver.step(0.1)


@pytest.mark.parametrize(
    ("settings", "reference"),
    [
        (Momentum(name="sgd", momentum=0.9, weight_decay=0.01), dict(momentum=0.9, weight_decay=0.01)),
        (
            Momentum(name="sgd", momentum=0.9, weight_decay=0.01, nesterov=True),
            dict(momentum=0.9, weight_decay=0.01, nesterov=True),
        ),
        (AdaptiveMoments(name="adam", weight_decay=0.01), dict(weight_decay=0.01)),
    ],
)
def test_the_others_are_torchs_and_go_on_from_their_state(settings: Any, reference: dict[str, Any]) -> None:
    ours, theirs = (nn.Parameter(torch.linspace(-1, 1, 5)) for _ in range(2))
    optimiser = (torch.optim.Adam if settings.name == "adam" else torch.optim.SGD)(
        [theirs], lr=1, **reference
    )
    solver = build(settings, [("weight", ours)])
    for step, lr in enumerate((0.1, 0.1, 0.01, 0.05)):
        if step == 2:  # interrupted
            state = {name: tensor.clone() for name, tensor in solver.state().items()}
            solver = build(settings, [("weight", ours)])
            solver.load_state(state)
        optimiser.param_groups[0]["lr"] = lr
        ours.grad, theirs.grad = ours.detach() ** 2 - step, theirs.detach() ** 2 - step
        solver.step(lr)
        optimiser.step()
        torch.testing.assert_close(ours, theirs)
