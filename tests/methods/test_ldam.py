import numpy as np
import pytest
import torch
from torch import nn

from imbalance.methods.ldam import Ldam
from imbalance.methods.parts.classifiers import NormedLinear
from imbalance.methods.parts.losses import class_balanced_weights
from tests.methods.contract import SIZES, Promise, context_of
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


def test_class_balanced_weights_of_cui() -> None:
    assert class_balanced_weights(T3_SIZES, 0.5).tolist() == pytest.approx(
        [0.732824, 0.824427, 1.442748], abs=1e-6
    )
    expected = [0.0506, 0.0769, 0.1211, 0.1950, 0.3188, 0.5246, 0.8683, 1.4426, 2.4092, 3.9927]
    assert class_balanced_weights(LONG_TAIL, 0.9999).tolist() == pytest.approx(expected, abs=1e-4)
    assert class_balanced_weights(T3_SIZES, 0).tolist() == [1, 1, 1]


def test_weights_are_deferred() -> None:
    method = Ldam(start="initial", deferred_until=0.8, beta=0.5)
    assert method.class_weights(context_of(COSINES, T3_SIZES, 0.79)).tolist() == [1, 1, 1]
    assert (
        method.class_weights(context_of(COSINES, T3_SIZES, 0.8)).tolist()
        == class_balanced_weights(T3_SIZES, 0.5).tolist()
    )
    early, late = (loss(Ldam(start="initial", scale=1, beta=0.5), progress, COSINES) for progress in (0, 0.9))
    weights = torch.tensor([0.732824, 0.824427, 1.442748])
    expected = (weights * torch.tensor([0.699476, 1.862022, 1.458020])).sum() / weights.sum()
    assert early != late == pytest.approx(expected.item(), abs=1e-5)


def test_the_classifier_is_scaled_cosines_of_the_same_weights() -> None:
    linear = nn.Linear(4, 3)
    head = Ldam(start="initial", scale=30).head(linear, np.random.default_rng(0))
    assert isinstance(head, NormedLinear)
    features = torch.randn(5, 4)
    cosines = torch.cosine_similarity(features[:, None], linear.weight[None], dim=-1)
    torch.testing.assert_close(head(features), 30 * cosines)
