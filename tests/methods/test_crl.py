import math

import numpy as np
import pytest
import torch
from torch import Tensor

from imbalance.methods.crl import Crl, minority, shortage
from tests.methods.contract import SIZES, Promise, context_of
from tests.methods.hand_batch import SIZES as T3_SIZES

PROMISES = [
    Promise(dict(start="initial"), SIZES),
    Promise(dict(start="initial", level="instance"), SIZES),
]

# The scores of class 1 of two of its own examples, and of three of class 0
SCORES = torch.tensor([0.9, 0.4, 0.6, 0.2, 0.5], dtype=torch.float64)
LOGITS = torch.stack([1 - SCORES, SCORES], dim=1).log()
LABELS = torch.tensor([1, 1, 0, 0, 0])
FEATURES = torch.tensor([[0.0, 0], [3, 4], [0, 1], [6, 8], [-2, 0]], dtype=torch.float64)


def rectification(features: Tensor = FEATURES, **settings: object) -> float:
    method = Crl.model_validate({"start": "initial", **settings})
    return method.rectification(LOGITS, LABELS, features).item()


def test_the_minority_of_a_batch() -> None:
    """8 + 4 + 2 + 1 + 1 examples: classes 3, 4, 2, 1 have half of them, and 3 and 4 have too few."""
    labels = torch.tensor([0] * 8 + [1] * 4 + [2] * 2 + [3, 4])
    assert minority(labels, 5).tolist() == [False, True, True, False, False]
    assert minority(labels[1:], 5).tolist() == [False, False, True, False, False], "8 > 7.5"
    assert minority(torch.tensor([1, 1, 0, 0]), 3).tolist() == [True, False, False], "ties by label"


def test_omega() -> None:
    assert shortage(T3_SIZES).item() == pytest.approx((6 - 3 + 6 - 1) / (3 * 6))
    assert shortage(torch.tensor([[5.0, 5], [5000, 100]])).tolist() == pytest.approx([0, 0.49])


def test_class_level_by_hand() -> None:
    """The anchors are .9 and .4; the hardest negative is .6."""
    first, second = 0.5 + 0.5 - (0.9 - 0.6), 0.5 + 0.5 - (0.4 - 0.6)
    assert first == pytest.approx(0.7)
    assert rectification(kappa=1) == pytest.approx((first + second) / 2)


def test_class_level_with_all_negatives() -> None:
    hinges = [0.5 + 0.5 - own + other for own in (0.9, 0.4) for other in (0.6, 0.5, 0.2)]
    assert rectification() == pytest.approx(np.mean(hinges))
    assert rectification(margin=0.1, kappa=2) == pytest.approx(
        np.mean([0.1 + 0.5 - own + other for own in (0.9, 0.4) for other in (0.6, 0.5)])
    )


def test_hinges_are_not_negative() -> None:
    """With the margin 0: .5 - .7 < 0 for the anchor .9 and the negative .2."""
    hinges = [max(0, 0.5 - own + other) for own in (0.9, 0.4) for other in (0.6, 0.5, 0.2)]
    assert rectification(margin=0) == pytest.approx(np.mean(hinges))
    assert min(hinges) == 0


def test_instance_level_by_hand() -> None:
    """The distance of the anchors is 5; the nearest others are at 1 of (0, 0), and at sqrt(18), 5 of (3, 4)."""
    found = rectification(level="instance", kappa=2)
    hinges = [math.pi + 5 - distance for distance in (1, 2, math.sqrt(18), 5)]
    assert found == pytest.approx(np.mean(hinges))
    maps = FEATURES.reshape(5, 2, 1, 1)
    assert rectification(maps, level="instance", kappa=2) == found, "of a convolutional classifier"


def test_the_hardest_positives_have_the_lowest_scores() -> None:
    """Of three positives of 0.1, 0.5, 0.8, the hardest of the last two is 0.1, and of 0.1 itself 0.5."""
    scores = torch.tensor([0.8, 0.5, 0.1, 0.3, 0.3, 0.3], dtype=torch.float64)
    logits = torch.stack([scores, 1 - scores], dim=1).log()
    found = Crl(start="initial", kappa=1).rectification(logits, torch.tensor([0, 0, 0, 1, 1, 1]), FEATURES)
    hinges = [0.5 + 0.7 - 0.5, 0.5 + 0.4 - 0.2, 0.5 + 0.4 + 0.2]
    assert found.item() == pytest.approx(np.mean(hinges))


def test_the_loss_mixes_both_parts_by_the_imbalance() -> None:
    sizes = torch.tensor([5000.0, 100], dtype=torch.float64)
    method = Crl(start="initial", eta=0.2)
    found = method.loss(LOGITS, LABELS, context_of(LOGITS, sizes)).item()
    entropy = -np.log([0.9, 0.4, 0.4, 0.8, 0.5]).mean()
    assert found == pytest.approx(0.902 * entropy + 0.098 * rectification())


def test_scores_and_features_get_gradients_through_both_terms() -> None:
    """The anchor .9: 1 - 1 for itself, -1 for .4, 1 for .6; the anchor .4: -1 - 1 for itself, 1 for .9 and .6."""
    scores = SCORES.clone().requires_grad_()
    logits = torch.stack([1 - scores, scores], dim=1).log()
    loss = Crl(start="initial", kappa=1).rectification(logits, LABELS, FEATURES)
    (gradient,) = torch.autograd.grad(loss, scores)
    torch.testing.assert_close(gradient, torch.tensor([0.5, -1.5, 1, 0, 0], dtype=torch.float64))
    features = FEATURES.clone().requires_grad_()
    loss = Crl(start="initial", kappa=1, level="instance").rectification(LOGITS, LABELS, features)
    (gradient,) = torch.autograd.grad(loss, features)
    assert gradient[:3].any(dim=1).all()


def test_a_batch_without_triplets_has_the_cross_entropy_alone() -> None:
    for labels in ([0, 0, 0, 0, 1], [0, 0, 0, 0, 0]):
        found = Crl(start="initial").rectification(LOGITS, torch.tensor(labels), FEATURES)
        assert found.item() == 0
