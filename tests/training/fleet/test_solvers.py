"""Each member's steps are those of the solver alone, at the member's own, changing rate."""

import pytest
import torch
from torch import Tensor, nn

from imbalance.training import solvers as alone
from imbalance.training.fleet import solvers
from tests.builders.training import recipe

SETTINGS = [
    dict(name="caffe_sgd", momentum=0.9, weight_decay=0.01, bias_lr=2),
    dict(name="sgd", momentum=0.9, weight_decay=0.01),
    dict(name="sgd", momentum=0.9, weight_decay=0.01, nesterov=True),
    dict(name="adam"),
    dict(name="adam", weight_decay=0.01),
]
NAMES = {"layer.weight": (4, 3), "layer.bias": (4,)}
RATES = torch.tensor([[0.1, 0.02, 0.003]]) * torch.tensor([[1.0], [1.0], [0.5], [0.1], [0.7]])  # (5, K)


def draw(members: int, seed: int) -> list[Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(members, *shape, generator=generator).double() for shape in NAMES.values()]


def steps(settings: dict[str, object], begin: int, end: int, state: dict[str, Tensor], weights: list[Tensor]):
    parameters = [nn.Parameter(weight.clone()) for weight in weights]
    solver = solvers.build(recipe(solver=settings).solver, zip(NAMES, parameters, strict=True))
    solver.load_state(state or solver.state())
    for step in range(begin, end):
        solver.step(draw(3, step), RATES[step].double())
    return solver.state(), [parameter.detach() for parameter in solver.parameters]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_equals_the_solver_alone(settings: dict[str, object]) -> None:
    _, together = steps(settings, 0, 5, {}, draw(3, 99))
    for member in range(3):
        parameters = [nn.Parameter(weight[member].clone()) for weight in draw(3, 99)]
        solver = alone.build(recipe(solver=settings).solver, zip(NAMES, parameters, strict=True))
        for step in range(5):
            for parameter, gradient in zip(parameters, draw(3, step), strict=True):
                parameter.grad = gradient[member].clone()
            solver.step(RATES[step, member].double().item())
        for parameter, stacked in zip(parameters, together, strict=True):
            torch.testing.assert_close(stacked[member], parameter.detach(), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_its_state_is_all_that_it_remembers(settings: dict[str, object]) -> None:
    state, weights = steps(settings, 0, 5, {}, draw(3, 99))
    half = steps(settings, 0, 2, {}, draw(3, 99))
    resumed, same = steps(settings, 2, 5, *half)
    assert all(torch.equal(resumed[name], tensor) for name, tensor in state.items())
    assert all(torch.equal(one, other) for one, other in zip(weights, same, strict=True))
