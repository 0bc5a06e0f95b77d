"""Fleets as models: K models of one architecture, stacked (imbalance/networks/parts/stacking.py)."""

from collections.abc import Sequence
from typing import cast

from torch import Tensor, nn

from imbalance.networks.parts.network import Network
from imbalance.networks.parts.stacking import by_member, stack


class Fleet(nn.Module):
    """K models as one, from inputs (K, N, ...) to outputs (K, N, C); each member computes as if alone.

    Raises `NotStackableError` if a layer has no stacked twin.
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
        """The stacked network, which takes images (K N, ...)."""
        return cast(Network, self.model)

    def copy_to(self, models: Sequence[nn.Module]) -> None:
        """Copy the members' parameters and buffers to models, such as those that the fleet was made of."""
        state = self.model.state_dict()
        for member, model in enumerate(models):
            for name, own in model.state_dict().items():
                own.copy_(state[name][member])
