"""The small batch of hand-made numbers that the losses are tested on.

Class sizes 6, 3, 1; labels 0, 1, 2; softmax rows (1/2, 1/4, 1/4), (1/2, 1/4, 1/4), (1/3, 1/3, 1/3), and so
cross entropies ln 2, ln 4, ln 3.
"""

import torch
from torch import Tensor

from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.losses import Context

LOGITS = torch.tensor([[2.0, 1, 1], [2, 1, 1], [1, 1, 1]], dtype=torch.float64).log()
LABELS = torch.tensor([0, 1, 2])
SIZES = torch.tensor([6.0, 3, 1], dtype=torch.float64)


def loss(method: Baseline, progress: float = 0, logits: Tensor = LOGITS) -> float:
    """The method's loss of the batch."""
    return method.loss(logits, LABELS, Context(SIZES, torch.tensor(progress))).item()
