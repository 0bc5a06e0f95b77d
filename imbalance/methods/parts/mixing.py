"""Mixing of the examples of a batch with each other; as for augmentation, the CPU makes the random draws."""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


class Mix(NamedTuple):
    """The draws for a batch: example i becomes share x_i + (1 - share) x_k, k = partners[i], of (B,)."""

    partners: NDArray[np.int64]
    share: float


def mixed(examples: Tensor, partners: Tensor, shares: Tensor) -> Tensor:
    """Mix floats (..., B, *S) with those at `partners` (..., B) of their own batch; `shares` are (...)."""
    batches = partners.ndim
    rows = examples.flatten(0, batches - 1)
    firsts = torch.arange(len(rows), device=rows.device).view_as(partners)[..., :1]
    others = rows.index_select(0, (firsts + partners).flatten()).view_as(examples)
    share = shares.view(*shares.shape, *[1] * (examples.ndim - shares.ndim))
    return share * examples + (1 - share) * others
