import dataclasses

import numpy as np
import pytest
import torch

from imbalance.methods.mixup import Mixup
from imbalance.methods.parts.losses import Context
from imbalance.methods.parts.weights import Inverse
from imbalance.methods.remix import Remix
from tests.methods.contract import SIZES, Promise, context_of
from tests.methods.hand_batch import LABELS, LOGITS
from tests.methods.hand_batch import SIZES as T3_SIZES

PROMISES = [
    Promise(dict(start="initial"), SIZES),
    Promise(dict(start="initial", weights={"name": "class_balanced", "after": 0.8}), SIZES),
]

PARTNERS = torch.tensor([1, 2, 0])  # sizes 6, 3, 1 meet 3, 1, 6
ENTROPIES = np.log([[2, 4, 4], [2, 4, 4], [3, 3, 3]])


def mixed(share: float, partners: torch.Tensor = PARTNERS) -> Context:
    return dataclasses.replace(
        context_of(LOGITS, T3_SIZES), partners=partners, shares=torch.tensor(share, dtype=torch.float64)
    )


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0.25, [0.25, 0, 0.25]), (0.75, [0.75, 0.75, 1]), (0.5, [0.5, 0.5, 0.5])],
)
def test_label_shares_by_hand(share: float, expected: list[float]) -> None:
    """The class sizes are in the ratios 6 / 3, 3 / 1 and 1 / 6, and kappa is 3."""
    assert Remix(start="initial").label_shares(LABELS, mixed(share)).tolist() == expected


@pytest.mark.parametrize(("ratio", "of_first"), [(2, 0), (2.1, 0.25)])
def test_a_class_is_much_larger_from_the_ratio_on(ratio: float, of_first: float) -> None:
    shares = Remix(start="initial", ratio=ratio).label_shares(LABELS, mixed(0.25))
    assert shares[0] == of_first


@pytest.mark.parametrize(("threshold", "shares"), [(0, [0.25, 0.25, 0.25]), (1, [0.25, 0, 1])])
def test_threshold_of_the_larger_share(threshold: float, shares: list[float]) -> None:
    assert Remix(start="initial", threshold=threshold).label_shares(LABELS, mixed(0.25)).tolist() == shares


@pytest.mark.parametrize("share", [0.25, 0.75])
def test_loss_by_hand(share: float) -> None:
    own = np.array([share, 0 if share < 0.5 else share, share if share < 0.5 else 1])
    losses = own * ENTROPIES[range(3), LABELS] + (1 - own) * ENTROPIES[range(3), PARTNERS]
    found = Remix(start="initial").loss(LOGITS, LABELS, mixed(share)).item()
    assert found == pytest.approx(losses.mean(), abs=1e-12)


def test_weighted_loss_by_hand() -> None:
    """Weights 1/6, 1/3, 1 of the own labels, 1/3, 1, 1/6 of the others: their sums are equal, 3/2."""
    own = np.array([0.25, 0, 0.25])
    found = Remix(start="initial", weights=Inverse()).loss(LOGITS, LABELS, mixed(0.25)).item()
    weights = np.array([1 / 6, 1 / 3, 1])
    weighted = (
        weights * own * ENTROPIES[range(3), LABELS]
        + weights[PARTNERS] * (1 - own) * ENTROPIES[range(3), PARTNERS]
    )
    assert found == pytest.approx(weighted.sum() / 1.5, abs=1e-12)


@pytest.mark.parametrize("weights", [{"name": "equal"}, {"name": "inverse"}])
def test_where_no_class_is_much_larger_it_is_mixup(weights: dict[str, str]) -> None:
    remix = Remix.model_validate({"start": "initial", "ratio": 6.1, "weights": weights})
    mixup = Mixup.model_validate({"start": "initial", "weights": weights})
    losses = [method.loss(LOGITS, LABELS, mixed(0.2)).item() for method in (remix, mixup)]
    assert losses[0] == pytest.approx(losses[1], abs=1e-12)
