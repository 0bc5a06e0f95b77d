import numpy as np
import pytest
import torch

from imbalance.methods.baseline import Baseline

# The test batch T3: softmax rows (1/2, 1/4, 1/4), (1/2, 1/4, 1/4), (1/3, 1/3, 1/3), labels 0, 1, 2.
T3_LOGITS = torch.tensor([[2.0, 1, 1], [2, 1, 1], [1, 1, 1]]).log()
T3_LABELS = torch.tensor([0, 1, 2])


def test_loss_is_the_mean_cross_entropy_of_t3() -> None:
    assert Baseline(start="initial").loss(T3_LOGITS, T3_LABELS).item() == pytest.approx(1.059351, abs=1e-6)


def test_an_epoch_is_every_image_once() -> None:
    epochs = Baseline(start="initial").epochs(np.zeros(50, int), np.random.default_rng(0))
    for _ in range(3):
        assert sorted(next(epochs)) == list(range(50))
