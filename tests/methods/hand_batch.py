"""The small batch of hand-made numbers that the losses are tested on.

Class sizes 6, 3, 1; labels 0, 1, 2; softmax rows (1/2, 1/4, 1/4), (1/2, 1/4, 1/4), (1/3, 1/3, 1/3), and so
cross entropies ln 2, ln 4, ln 3.
"""

import torch
from torch import Tensor

from imbalance.methods.baseline import Baseline
from tests.methods.contract import context_of

LOGITS = torch.tensor([[2.0, 1, 1], [2, 1, 1], [1, 1, 1]], dtype=torch.float64).log()
LABELS = torch.tensor([0, 1, 2])
SIZES = torch.tensor([6.0, 3, 1], dtype=torch.float64)
FEATURES = torch.tensor([[2.0, 0], [1, -1], [-0.5, 1.5]], dtype=torch.float64)


def loss(
    method: Baseline, progress: float = 0, logits: Tensor = LOGITS, features: Tensor | None = None
) -> float:
    """The method's loss of the batch."""
    return method.loss(logits, LABELS, context_of(logits, SIZES, progress, features, method.state(3))).item()
