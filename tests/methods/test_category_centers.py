import numpy as np
import torch
from torch import nn

from imbalance.data.examples import Examples
from imbalance.methods.category_centers import CategoryCenters
from tests.methods.contract import Promise

PROMISES = [
    Promise(dict(start="baseline"), None),
]


def test_nearest_mean_decides() -> None:
    training = Examples(torch.tensor([[0.0, 0], [2, 0], [5, 0]]), torch.tensor([0, 0, 1]))
    centers = CategoryCenters(start="baseline").finish(
        nn.Linear(2, 2), training, training, np.random.default_rng(0)
    )
    queries = torch.tensor([[2.9, 0], [3.1, 0], [1, 1]])
    scores = centers(queries)
    assert scores.argmax(dim=1).tolist() == [0, 1, 0]
    torch.testing.assert_close(scores[2], torch.tensor([-1.0, -(17**0.5)]))
