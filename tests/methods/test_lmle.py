from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from imbalance.data.examples import Examples
from imbalance.methods.lmle import Lmle
from imbalance.methods.parts.classifiers import NearestCluster
from imbalance.methods.parts.samplers import Indices
from tests.methods.contract import LABELS, POINTS, Promise, context_of, training_of

PROMISES = [
    # five of six examples are of the anchors' classes, which take turns
    Promise(dict(start="baseline", cluster_size=10), (100 / 3,) * 3, on_average=True, epochs=6),
]

METHOD = Lmle(start="baseline", margins=(0.1, 0.2, 0.3))
# A quintuplet, after the end of one, and before the beginning of another
POSITIONS = torch.tensor([9, 4, 8, 7, 6, 5, 3, 8, 1])
TARGETS = torch.tensor([1, 0, 1, 1, 1, 1, 0, 1, 0])
DEGREES = torch.tensor([200.0, 100, 0, 40, 30, 60, 45, 0, 30], dtype=torch.float64)
LENGTHS = torch.tensor([1.0, 2, 3, 1, 2, 1, 5, 1, 1], dtype=torch.float64)


def features_at(degrees: Tensor = DEGREES) -> Tensor:
    angles = degrees.deg2rad()
    return LENGTHS[:, None] * torch.stack([angles.cos(), angles.sin()], dim=-1)


def loss_of(features: Tensor, positions: Tensor = POSITIONS) -> Tensor:
    """Of a batch with logits 0, without its cross entropy."""
    logits = torch.zeros(*positions.shape, 2, dtype=torch.float64)
    context = replace(context_of(logits, torch.ones(2), features=features), positions=positions)
    return METHOD.loss(logits, TARGETS[: positions.shape[-1]].expand_as(positions), context) - np.log(2)


def distance(degrees: float) -> float:
    return float(2 - 2 * np.cos(np.radians(degrees)))


def test_the_loss_by_hand() -> None:
    """The anchor is at 0 degrees, p+ at 40, p- at 30, p-- at 60, n at 45, whatever their lengths."""
    first, second = 0.1 + distance(40) - distance(30), 0.2 + distance(30) - distance(60)
    third = 0.3 + distance(60) - distance(45)
    assert first > 0 > second
    assert loss_of(features_at()).item() == pytest.approx(first + third)


def test_a_class_of_one_cluster_has_the_last_term_alone() -> None:
    positions = POSITIONS.clone()
    positions[4] = positions[3]
    assert loss_of(features_at(), positions).item() == pytest.approx(0.3 + distance(60) - distance(45))


def test_the_cross_entropy_is_added_and_all_there_is_without_a_whole_quintuplet() -> None:
    logits = torch.tensor([[3.0, 1], [0, 1]], dtype=torch.float64)[TARGETS]
    entropies = np.log1p(np.exp([-2.0, -1]))[TARGETS.numpy()]
    context = replace(context_of(logits, torch.ones(2), features=features_at()), positions=POSITIONS)
    found = METHOD.loss(logits, TARGETS, context).item()
    assert found == pytest.approx(entropies.mean() + loss_of(features_at()).item())
    for length in (7, 5):
        assert loss_of(features_at()[:length], POSITIONS[:length]).item() == pytest.approx(0)


def test_several_quintuplets_are_averaged_and_each_network_of_a_stack_has_its_own() -> None:
    turned = features_at(torch.tensor([0.0, 0, 10, 40, 50, 60, 90, 10, 0], dtype=torch.float64))
    alone = [loss_of(features_at()), loss_of(turned)]
    together = loss_of(torch.stack([features_at(), turned]), POSITIONS.expand(2, -1))
    torch.testing.assert_close(together, torch.stack(alone))
    features, positions = torch.cat([features_at(), turned]), torch.cat([POSITIONS, POSITIONS])
    logits, targets = torch.zeros(18, 2, dtype=torch.float64), torch.cat([TARGETS, TARGETS])
    context = replace(context_of(logits, torch.ones(2), features=features), positions=positions)
    found = METHOD.loss(logits, targets, context) - np.log(2)
    torch.testing.assert_close(found, torch.stack(alone).mean())


def test_all_of_a_quintuplet_learn_where_they_matter() -> None:
    """The second term is 0, so p- has the gradient of the first alone."""
    degrees = DEGREES.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(loss_of(features_at(degrees)), degrees)
    slopes = [2 * np.sin(np.radians(angle)) * np.pi / 180 for angle in (40, 30, 60, 45)]
    signs = (1, -1, 1, -1)
    by_hand = [sign * slope for sign, slope in zip(signs, slopes, strict=True)]
    expected = [0, 0, -sum(by_hand), *by_hand, 0, 0]
    torch.testing.assert_close(gradient, torch.tensor(expected, dtype=torch.float64))


def test_rounds_of_quintuplets_by_classes_in_turn() -> None:
    asked: list[Indices] = []

    def features(positions: Indices) -> Tensor:
        asked.append(positions)
        return POINTS[torch.from_numpy(positions)]

    method = Lmle(start="baseline", rounds=3, sample=20, cluster_size=5)
    rounds = method.epochs(LABELS, np.random.default_rng(0), training_of(36, 10, features=features))
    for number in (1, 2, 3):
        drawn = next(rounds).reshape(-1, 6)
        assert len(drawn) == 20, "360 examples in three rounds of six each"
        assert len(asked) == number
        assert np.bincount(LABELS[asked[-1]]).tolist() == [20, 20, 10]
        assert (drawn[:, 0] == drawn[:, 5]).all()
        of_roles = LABELS[drawn]
        assert of_roles[:, 0].tolist() == [0, 1, 2] * 6 + [0, 1]
        assert (of_roles[:, 1:4] == of_roles[:, :1]).all()
        assert (of_roles[:, 4] != of_roles[:, 0]).all()
        assert np.isin(drawn, asked[-1]).all()


def test_the_nearest_cluster_decides() -> None:
    """Class 0 has two clusters, whose mean is that of class 1's direction."""
    training = Examples(torch.tensor([[2.0, 1], [-1, 1], [0, 3]]), torch.tensor([0, 0, 1]))
    method = Lmle(start="baseline", cluster_size=1)
    classifier = method.finish(nn.Linear(2, 3), training, training, np.random.default_rng(0))
    assert isinstance(classifier, NearestCluster)
    scores = classifier(torch.tensor([[4.0, 1.9], [-7, 7], [0.1, 9]]))
    assert scores.argmax(dim=1).tolist() == [0, 0, 1], "and never the class without examples"
    expected = -((2 - 2 * 0.5**0.5) ** 0.5)  # of 45 degrees
    torch.testing.assert_close(scores[1], torch.tensor([0, expected, scores[1, 2]]))
