"""The examples of a batch mixed with each other, by draws that the CPU makes, as for augmentation."""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


class Mix(NamedTuple):
    """Example i of a batch becomes share x_i + (1 - share) x_k, where k = partners[i]; partners are (B,)."""

    partners: NDArray[np.int64]
    share: float


def mixed(examples: Tensor, partners: Tensor, shares: Tensor) -> Tensor:
    """Floats (..., B, *S) mixed with those at `partners` (..., B) of their own batch; shares are (...)."""
    batches = partners.ndim
    rows = examples.flatten(0, batches - 1)
    firsts = torch.arange(len(rows), device=rows.device).view_as(partners)[..., :1]
    others = rows.index_select(0, (firsts + partners).flatten()).view_as(examples)
    share = shares.view(*shares.shape, *[1] * (examples.ndim - shares.ndim))
    return share * examples + (1 - share) * others
