"""Caffe's stochastic gradient descent (Jia et al. 2014), exactly, on torch's fused step.

Caffe folds the learning rate into the history, v = m v + lr g, w -= v; torch keeps it outside,
u = m u + g, w -= lr u. With v = lr u the two agree while the rate is constant; when it changes, torch's
history must be rescaled by lr_previous / lr. That factor is folded into the momentum of the step, at no cost.
"""

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor, nn
from torch.optim.sgd import sgd

from imbalance.recipes import Recipe


class CaffeSGD:
    """SGD with momentum, weight decay on all parameters, and `bias_lr` times the rate for biases."""

    def __init__(self, parameters: Iterable[tuple[str, nn.Parameter]], recipe: Recipe) -> None:
        named = list(parameters)
        biases: list[Tensor] = [parameter for name, parameter in named if name.endswith("bias")]
        weights: list[Tensor] = [parameter for name, parameter in named if not name.endswith("bias")]
        self._groups = [
            (group, [torch.zeros_like(parameter) for parameter in group], multiplier)
            for group, multiplier in ((weights, 1.0), (biases, recipe.bias_lr))
        ]
        self._momentum = recipe.momentum
        self._weight_decay = recipe.weight_decay
        self._previous_lr: float | None = None

    def step(self, lr: float) -> None:
        """Update the parameters by their gradients at the learning rate `lr`, and drop the gradients."""
        rescale = 1.0 if self._previous_lr is None else self._previous_lr / lr
        self._previous_lr = lr
        for parameters, histories, multiplier in self._groups:
            with torch.no_grad():
                sgd(
                    parameters,
                    [parameter.grad for parameter in parameters if parameter.grad is not None],
                    [*histories],
                    lr=lr * multiplier,
                    momentum=self._momentum * rescale,
                    weight_decay=self._weight_decay,
                    dampening=0,
                    nesterov=False,
                    maximize=False,
                    fused=True,
                )
            for parameter in parameters:
                parameter.grad = None

    def state(self) -> dict[str, Tensor]:
        """All that the next step depends on besides the parameters: the histories, and the last rate."""
        state = {f"history.{index}": history for index, history in enumerate(self._histories())}
        return state | {"lr": torch.tensor(self._previous_lr, dtype=torch.float64)}

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Go on from what `state` gave."""
        for index, history in enumerate(self._histories()):
            history.copy_(state[f"history.{index}"])
        self._previous_lr = state["lr"].item()

    def _histories(self) -> list[Tensor]:
        return [history for _, histories, _ in self._groups for history in histories]
