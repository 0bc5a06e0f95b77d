"""K models of one architecture as one, of all members' batches (imbalance/networks/parts/stacking.py)."""

from collections.abc import Sequence
from typing import cast

from torch import Tensor, nn

from imbalance.networks.parts.network import Network
from imbalance.networks.parts.stacking import by_member, stack


class Fleet(nn.Module):
    """K models as one: inputs (K, N, ...) to outputs (K, N, C), each member's as if it were alone.

    Raises `NotStackableError` for models with layers that have no stacked twin.
    """

    def __init__(self, models: Sequence[nn.Module]) -> None:
        super().__init__()
        self.size = len(models)
        self.model = stack(models)
        for name, parameter in models[0].named_parameters():
            self.model.get_parameter(name).requires_grad_(parameter.requires_grad)

    def forward(self, inputs: Tensor) -> Tensor:
        return by_member(self.model(inputs.flatten(0, 1)), self.size)

    @property
    def network(self) -> Network:
        """The networks as one, of images (K N, ...)."""
        return cast(Network, self.model)

    def copy_to(self, models: Sequence[nn.Module]) -> None:
        """Give models, such as those that it was made of, the members' parameters and buffers."""
        state = self.model.state_dict()
        for member, model in enumerate(models):
            for name, own in model.state_dict().items():
                own.copy_(state[name][member])
