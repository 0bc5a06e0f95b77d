import dataclasses
import math

import numpy as np
import pytest
import torch

from imbalance.methods.mixup import Mixup
from imbalance.methods.parts.mixing import mixed
from tests.methods.contract import SIZES, Promise, context_of
from tests.methods.hand_batch import LABELS, LOGITS, loss
from tests.methods.hand_batch import SIZES as T3_SIZES

PROMISES = [Promise(dict(start="initial"), SIZES)]


def test_loss_by_hand() -> None:
    """Labels 0, 1, 2 mixed with 1, 2, 0: cross entropies ln 2, ln 4, ln 3 and ln 4, ln 4, ln 3."""
    context = dataclasses.replace(
        context_of(LOGITS, T3_SIZES), partners=torch.tensor([1, 2, 0]), shares=torch.tensor(0.75)
    )
    own, other = math.log(24) / 3, math.log(48) / 3
    found = Mixup(start="initial").loss(LOGITS, LABELS, context).item()
    assert found == pytest.approx(0.75 * own + 0.25 * other)
    assert loss(Mixup(start="initial")) == pytest.approx(own), "not mixed"


def test_images_are_mixed_within_their_own_batch() -> None:
    first = mixed(torch.tensor([[1.0, 2], [3, 4], [5, 6]]), torch.tensor([2, 0, 1]), torch.tensor(0.75))
    assert first.tolist() == [[2, 3], [2.5, 3.5], [4.5, 5.5]]
    batches, partners = torch.randn(2, 3, 4, 5, 5), torch.tensor([[1, 2, 0], [0, 2, 1]])
    shares = torch.tensor([0.2, 0.9])
    together = mixed(batches, partners, shares)
    alone = [mixed(*own) for own in zip(batches, partners, shares, strict=True)]
    assert torch.equal(together, torch.stack(alone))


def test_shares_are_of_a_beta_distribution() -> None:
    """Beta(a, a) has the mean 1/2 and the variance 1 / (4 (2 a + 1))."""
    rng = np.random.default_rng(0)
    for alpha in (0.2, 1, 4):
        draws = [Mixup(start="initial", alpha=alpha).mix(4, rng) for _ in range(4000)]
        shares = [draw.share for draw in draws]
        assert np.mean(shares) == pytest.approx(0.5, abs=0.03)
        assert np.var(shares) == pytest.approx(1 / (4 * (2 * alpha + 1)), rel=0.1)
        assert all(sorted(draw.partners) == [0, 1, 2, 3] for draw in draws)
