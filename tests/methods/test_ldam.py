import numpy as np
import pytest
import torch
from torch import nn

from imbalance.methods.ldam import Ldam
from imbalance.methods.parts.classifiers import NormedLinear
from tests.methods.contract import SIZES, Promise
from tests.methods.hand_batch import SIZES as T3_SIZES
from tests.methods.hand_batch import loss

PROMISES = [
    Promise(dict(start="initial"), SIZES),
]

COSINES = torch.tensor([[1.0, 0, 0], [1, 0, 0], [0, 0, 0]], dtype=torch.float64)
LONG_TAIL = torch.tensor([5000.0, 2997, 1796, 1077, 645, 387, 232, 139, 83, 50], dtype=torch.float64)


def test_margins() -> None:
    method = Ldam(start="initial")
    assert method.margins(T3_SIZES).tolist() == pytest.approx([0.319472, 0.379918, 0.5], abs=1e-6)
    expected = [0.1581, 0.1797, 0.2042, 0.2321, 0.2638, 0.2998, 0.3407, 0.3872, 0.4405, 0.5]
    assert method.margins(LONG_TAIL).tolist() == pytest.approx(expected, abs=1e-4)


def test_loss() -> None:
    assert loss(Ldam(start="initial", scale=1), logits=COSINES) == pytest.approx(1.339840, abs=1e-6)


def test_weights_are_class_balanced_in_the_last_fifth() -> None:
    method = Ldam(start="initial", scale=1)
    weights = (1 - 0.9999) / (1 - 0.9999**T3_SIZES)
    expected = (weights * torch.tensor([0.699476, 1.862022, 1.458020])).sum() / weights.sum()
    assert loss(method, 0.79, COSINES) == pytest.approx(1.339840, abs=1e-6)
    assert loss(method, 0.8, COSINES) == pytest.approx(expected.item(), abs=1e-6)


def test_the_classifier_is_scaled_cosines_of_the_same_weights() -> None:
    linear = nn.Linear(4, 3)
    head = Ldam(start="initial", scale=30).head(linear, np.random.default_rng(0))
    assert isinstance(head, NormedLinear)
    features = torch.randn(5, 4)
    cosines = torch.cosine_similarity(features[:, None], linear.weight[None], dim=-1)
    torch.testing.assert_close(head(features), 30 * cosines)
