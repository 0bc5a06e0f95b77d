"""Caffe's stochastic gradient descent (Jia et al. 2014), exactly, on torch's fused optimiser.

Caffe folds the learning rate into the history, v = m v + lr g, w -= v; torch keeps it outside,
u = m u + g, w -= lr u. With v = lr u the two agree while the rate is constant; when it changes, torch's
history must be rescaled by lr_previous / lr. That factor is folded into the momentum of the step, at no cost.
"""

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor, nn

from imbalance.recipes import Recipe


class CaffeSGD:
    """SGD with momentum, weight decay on all parameters, and `bias_lr` times the rate for biases."""

    def __init__(self, parameters: Iterable[tuple[str, nn.Parameter]], recipe: Recipe) -> None:
        named = list(parameters)
        biases = [parameter for name, parameter in named if name.endswith("bias")]
        weights = [parameter for name, parameter in named if not name.endswith("bias")]
        self._multipliers = (1.0, recipe.bias_lr)
        self._momentum = recipe.momentum
        self._previous_lr: float | None = None
        self._sgd = torch.optim.SGD(
            [{"params": weights}, {"params": biases}],
            lr=recipe.base_lr,
            momentum=recipe.momentum,
            weight_decay=recipe.weight_decay,
            fused=True,
        )

    def step(self, lr: float) -> None:
        """Update the parameters by their gradients at the learning rate `lr`, and drop the gradients."""
        rescale = 1.0 if self._previous_lr is None else self._previous_lr / lr
        for group, multiplier in zip(self._sgd.param_groups, self._multipliers, strict=True):
            group["lr"] = lr * multiplier
            group["momentum"] = self._momentum * rescale
        self._previous_lr = lr
        self._sgd.step()
        self._sgd.zero_grad(set_to_none=True)

    def state(self) -> dict[str, Tensor]:
        """All that the next step depends on besides the parameters: the histories, and the last rate."""
        state = {
            f"history.{index}": self._sgd.state[parameter]["momentum_buffer"]
            for index, parameter in enumerate(self._parameters())
        }
        return state | {"lr": torch.tensor(self._previous_lr, dtype=torch.float64)}

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Go on from what `state` gave."""
        for index, parameter in enumerate(self._parameters()):
            # of the parameter's own layout in memory, as the fused step demands
            history = torch.empty_like(parameter).copy_(state[f"history.{index}"])
            self._sgd.state[parameter]["momentum_buffer"] = history
        self._previous_lr = state["lr"].item()

    def _parameters(self) -> list[Tensor]:
        return [parameter for group in self._sgd.param_groups for parameter in group["params"]]
