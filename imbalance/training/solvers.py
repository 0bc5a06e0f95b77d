"""The solvers of the recipes, built on torch's fused optimiser steps; their state can be saved and loaded.

Caffe's stochastic gradient descent (Jia et al. 2014) has the learning rate inside the momentum buffer,
v = m v + lr g, w -= v; torch has it outside, u = m u + g, w -= lr u. With v = lr u, the two agree while the
rate is constant. When it changes, torch's buffer must be rescaled by lr_previous / lr; multiplying the
momentum of the step by this factor does so at no cost.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.optim.adam import adam
from torch.optim.sgd import sgd

from imbalance.errors import InputError
from imbalance.training import recipes

Named = Iterable[tuple[str, nn.Parameter]]


class Solver(Protocol):
    """A solver, which updates parameters by their gradients."""

    def step(self, lr: float) -> None:
        """Update the parameters by their gradients at the learning rate `lr`, and drop the gradients."""

    def state(self) -> dict[str, Tensor]:
        """Return everything besides the parameters that the next step depends on."""

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Restore the state that `state` returned."""


def build(settings: recipes.Solver, parameters: Named) -> Solver:
    """Build the solver of a recipe for those of the named parameters that require a gradient."""
    trained = [(name, parameter) for name, parameter in parameters if parameter.requires_grad]
    return (
        Adam(trained, settings) if isinstance(settings, recipes.AdaptiveMoments) else Sgd(trained, settings)
    )


class Sgd:
    """SGD with momentum, Caffe's or torch's, and weight decay on all parameters."""

    def __init__(self, parameters: Named, settings: recipes.CaffeMomentum | recipes.Momentum) -> None:
        named = list(parameters)
        self._caffe = isinstance(settings, recipes.CaffeMomentum)
        self._nesterov = isinstance(settings, recipes.Momentum) and settings.nesterov
        bias_lr = settings.bias_lr if isinstance(settings, recipes.CaffeMomentum) else 1.0
        biases: list[Tensor] = [parameter for name, parameter in named if name.endswith("bias")]
        weights: list[Tensor] = [parameter for name, parameter in named if not name.endswith("bias")]
        self._groups = [
            (group, [torch.zeros_like(parameter) for parameter in group], multiplier)
            for group, multiplier in ((weights, 1.0), (biases, bias_lr))
        ]
        self._momentum = settings.momentum
        self._weight_decay = settings.weight_decay
        self._previous_lr: float | None = None

    def step(self, lr: float) -> None:
        """See `Solver.step`."""
        rescale = self._previous_lr / lr if self._caffe and self._previous_lr is not None else 1.0
        self._previous_lr = lr
        for parameters, histories, multiplier in self._groups:
            with torch.no_grad():
                sgd(
                    parameters,
                    _gradients(parameters),
                    [*histories],
                    lr=lr * multiplier,
                    momentum=self._momentum * rescale,
                    weight_decay=self._weight_decay,
                    dampening=0,
                    nesterov=self._nesterov,
                    maximize=False,
                    fused=True,
                )
            _drop_gradients(parameters)

    def state(self) -> dict[str, Tensor]:
        """See `Solver.state`: the momentum buffers, and the last learning rate."""
        state = {f"history.{index}": history for index, history in enumerate(self._histories())}
        return state | {"lr": torch.tensor(self._previous_lr, dtype=torch.float64)}

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """See `Solver.load_state`."""
        for index, history in enumerate(self._histories()):
            history.copy_(state[f"history.{index}"])
        self._previous_lr = state["lr"].item()

    def _histories(self) -> list[Tensor]:
        return [history for _, histories, _ in self._groups for history in histories]


class Adam:
    """Adam (Kingma & Ba 2015) with L2 weight decay."""

    def __init__(self, parameters: Named, settings: recipes.AdaptiveMoments) -> None:
        self._parameters: list[Tensor] = [parameter for _, parameter in parameters]
        self._means = [torch.zeros_like(parameter) for parameter in self._parameters]
        self._squares = [torch.zeros_like(parameter) for parameter in self._parameters]
        self._steps = [torch.zeros((), device=parameter.device) for parameter in self._parameters]
        self._settings = settings

    def step(self, lr: float) -> None:
        """See `Solver.step`."""
        with torch.no_grad():
            adam(
                self._parameters,
                _gradients(self._parameters),
                self._means,
                self._squares,
                [],
                self._steps,
                fused=True,
                amsgrad=False,
                beta1=self._settings.beta1,
                beta2=self._settings.beta2,
                lr=lr,
                weight_decay=self._settings.weight_decay,
                eps=self._settings.epsilon,
                maximize=False,
            )
        _drop_gradients(self._parameters)

    def state(self) -> dict[str, Tensor]:
        """See `Solver.state`: both moments, and the number of steps."""
        return dict(self._named())

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """See `Solver.load_state`."""
        for name, tensor in self._named():
            tensor.copy_(state[name])

    def _named(self) -> Iterable[tuple[str, Tensor]]:
        for kind, tensors in (("mean", self._means), ("square", self._squares), ("step", self._steps)):
            yield from ((f"{kind}.{index}", tensor) for index, tensor in enumerate(tensors))


def _gradients(parameters: Sequence[Tensor]) -> list[Tensor]:
    """Return the gradients in the order of the parameters; raises `InputError` if a parameter has none."""
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    if len(gradients) < len(parameters):
        raise InputError(
            f"{len(parameters) - len(gradients)} of {len(parameters)} trained parameters took no part in the "
            "loss; remove them from the network, or set their `requires_grad` to false."
        )
    return gradients


def _drop_gradients(parameters: Iterable[Tensor]) -> None:
    for parameter in parameters:
        parameter.grad = None
