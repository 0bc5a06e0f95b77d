"""The solvers of the recipes for stacked parameters (K, ...), each member at its own learning rate.

They consist of plain tensor operations, which are compiled into one kernel. Caffe's momentum is computed as
in Caffe, v = m v + lr g and w -= v, since no library's step is used here.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor, nn

from imbalance.training import recipes

Named = Iterable[tuple[str, nn.Parameter]]


Settings = TypeVar("Settings", bound=recipes.CaffeMomentum | recipes.Momentum | recipes.AdaptiveMoments)


class Solver(Generic[Settings]):
    """A solver for stacked parameters; `states` are its tensors of each parameter, e.g. momentum buffers."""

    def __init__(self, parameters: Named, settings: Settings) -> None:
        self.named = list(parameters)
        self.settings = settings
        self.states = [self.first_state(parameter.detach()) for _, parameter in self.named]

    def first_state(self, parameter: Tensor) -> dict[str, Tensor]:
        """Return the solver's initial state of a parameter."""
        return {"history": torch.zeros_like(parameter)}

    @property
    def parameters(self) -> list[nn.Parameter]:
        """The parameters, in the order in which `step` takes their gradients."""
        return [parameter for _, parameter in self.named]

    @torch.no_grad()
    def step(self, gradients: Sequence[Tensor], rates: Tensor) -> None:
        """Update all parameters by their gradients (K, ...), at the rate (K,) of every member."""
        for (name, parameter), state, gradient in zip(self.named, self.states, gradients, strict=True):
            self.update(name, parameter, state, gradient, rates.view(-1, *[1] * (parameter.ndim - 1)))

    def update(
        self, name: str, parameter: Tensor, state: dict[str, Tensor], gradient: Tensor, rate: Tensor
    ) -> None:
        """Update one parameter and its state, in place."""
        raise NotImplementedError

    def state(self) -> dict[str, Tensor]:
        """Return everything besides the parameters that the next step depends on."""
        return {
            f"{name}.{kind}": tensor
            for (name, _), state in zip(self.named, self.states, strict=True)
            for kind, tensor in state.items()
        }

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Restore the state that `state` returned."""
        for name, tensor in self.state().items():
            tensor.copy_(state[name])


def build(settings: recipes.Solver, parameters: Named) -> Solver[Any]:
    """Build the solver of a recipe for those of the named, stacked parameters that require a gradient."""
    parameters = [(name, parameter) for name, parameter in parameters if parameter.requires_grad]
    match settings:
        case recipes.CaffeMomentum():
            return CaffeSgd(parameters, settings)
        case recipes.Momentum():
            return Sgd(parameters, settings)
        case recipes.AdaptiveMoments():
            return Adam(parameters, settings)


class CaffeSgd(Solver[recipes.CaffeMomentum]):
    """SGD with Caffe's momentum; `bias_lr` multiplies the learning rate of biases."""

    def update(
        self, name: str, parameter: Tensor, state: dict[str, Tensor], gradient: Tensor, rate: Tensor
    ) -> None:
        """See `Solver.update`."""
        decayed = gradient + self.settings.weight_decay * parameter
        own_rate = rate * (self.settings.bias_lr if name.endswith("bias") else 1)
        state["history"].mul_(self.settings.momentum).add_(own_rate * decayed)
        parameter.sub_(state["history"])


class Sgd(Solver[recipes.Momentum]):
    """torch's SGD with momentum."""

    def update(
        self, name: str, parameter: Tensor, state: dict[str, Tensor], gradient: Tensor, rate: Tensor
    ) -> None:
        """See `Solver.update`."""
        decayed = gradient + self.settings.weight_decay * parameter
        history = state["history"].mul_(self.settings.momentum).add_(decayed)
        if self.settings.nesterov:
            parameter.sub_(rate * (decayed + self.settings.momentum * history))
        else:
            parameter.sub_(rate * history)


class Adam(Solver[recipes.AdaptiveMoments]):
    """Adam (Kingma & Ba 2015) with L2 weight decay."""

    def first_state(self, parameter: Tensor) -> dict[str, Tensor]:
        """Return both moments, and the number of steps, all zero."""
        return {
            "mean": torch.zeros_like(parameter),
            "square": torch.zeros_like(parameter),
            "steps": torch.zeros((), dtype=torch.float64, device=parameter.device),
        }

    def update(
        self, name: str, parameter: Tensor, state: dict[str, Tensor], gradient: Tensor, rate: Tensor
    ) -> None:
        """See `Solver.update`."""
        beta1, beta2 = self.settings.beta1, self.settings.beta2
        decayed = gradient + self.settings.weight_decay * parameter
        steps = state["steps"].add_(1)
        mean = state["mean"].lerp_(decayed, 1 - beta1)
        square = state["square"].mul_(beta2).add_((1 - beta2) * decayed.square())
        spread = (square / (1 - beta2**steps)).sqrt() + self.settings.epsilon
        parameter.sub_(rate * (mean / (1 - beta1**steps)) / spread)
