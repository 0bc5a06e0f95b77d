import numpy as np
import pytest
import torch
from torch import Tensor, nn

from imbalance.methods.dos import Dos, micro_cluster, nearest, small_examples
from imbalance.methods.parts.classifiers import linear
from tests.methods.contract import FILLED, Promise, context_of, training_of

PROMISES = [
    Promise(dict(start="initial"), FILLED),
    Promise(dict(start="initial", warm_up=0, neighbors=20), FILLED),
]

# Two examples of class 1, one of class 2, and four of class 0; their embeddings, and those of a batch
LABELS = np.array([1, 1, 2, 0, 0, 0, 0])
POINTS = torch.tensor([[0.0, 0], [1, 2], [5, 5], [9, 9], [8, 8], [7, 7], [6, 6]])
BATCH = torch.tensor([[2.0, 1], [1, 2], [1, 1], [3, 1]])
CLASSIFIER = linear(torch.tensor([[1.0, 0], [0, 1], [0, 0]]))


def state_of(method: Dos) -> dict[str, Tensor]:
    """With lots by which all examples are synthetic."""
    training = training_of(batch=4, features=lambda positions: POINTS[torch.from_numpy(positions)])
    state = method.refresh(method.state(3), LABELS, np.random.default_rng(0), training)
    assert len(set(state["lots"].tolist())) == 4
    return state | {"lots": torch.ones(4)}


def loss_of(
    method: Dos, state: dict[str, Tensor], features: Tensor = BATCH, classifier: nn.Module = CLASSIFIER
) -> Tensor:
    """Of the first four positions, half-way through the training."""
    logits = classifier(features)
    context = context_of(logits, torch.ones(3), 0.5, features, state, classifier)
    return method.loss(logits, torch.from_numpy(LABELS)[:4], context)


def entropy(logits: list[float], label: int) -> float:
    return float(np.log(np.exp(logits).sum()) - logits[label])


def test_the_micro_cluster_loss_by_hand() -> None:
    """For f = (0, 0), v = (1, 0), (0, 2), w = (.5, .5); at the weighted mean (.5, 1) the loss is least."""
    neighbours, weights = torch.tensor([[1.0, 0], [0, 2]]).double(), torch.tensor([0.5, 0.5]).double()

    def at(*embedding: float) -> tuple[float, Tensor]:
        distances = (torch.tensor(embedding) - neighbours).square().sum(dim=-1)
        loss, shares = micro_cluster(distances, weights)
        return loss.item(), shares

    assert at(0, 0)[0] == pytest.approx(2.5)
    assert at(0, 0)[1].tolist() == pytest.approx([0.817574, 0.182426], abs=1e-6)
    assert at(0.5, 1)[0] == pytest.approx(1.25)
    assert min(at(0.6, 1)[0], at(0.4, 1)[0], at(0.5, 1.1)[0], at(0.5, 0.9)[0]) > 1.25


def test_a_missing_neighbour_has_no_share() -> None:
    loss, shares = micro_cluster(torch.tensor([[2.0, 1e4], [1, 1]]), torch.tensor([[1.0, 0], [0, 0]]))
    assert loss.tolist() == [2, 0]
    assert shares.tolist() == [[1, 0], [0, 0]]


def test_classes_of_at_most_half_the_largest_are_small_but_for_single_examples() -> None:
    assert small_examples(LABELS).tolist() == [0, 1]
    assert small_examples(np.repeat([0, 1, 3], [5, 3, 2])).tolist() == [8, 9]
    assert not len(small_examples(np.array([0, 0, 1])))


def test_neighbours_are_the_nearest_of_the_class_without_the_example_itself() -> None:
    points, labels = torch.tensor([[0.0], [1], [3], [0], [7]]), np.array([1, 1, 1, 2, 2])
    assert nearest(points, labels, 1).tolist() == [[1], [0], [1], [4], [3]]
    expected = [[1, 2, -1], [0, 2, -1], [1, 0, -1], [4, -1, -1], [3, -1, -1]]
    assert nearest(points, labels, 3).tolist() == expected
    maps = points[:, :, None, None].expand(5, 2, 3, 3)
    assert nearest(maps, labels, 3).tolist() == expected


def test_the_state_has_weights_that_sum_to_one_for_each_place_in_a_batch() -> None:
    state = state_of(Dos(start="initial", neighbors=3))
    assert state["rows"].tolist() == [0, 1, -1, -1, -1, -1, -1]
    assert torch.equal(state["embeddings"], POINTS[:2])
    assert state["neighbours"].tolist() == [[1, -1, -1], [0, -1, -1]]
    assert state["real"].tolist() == [0.5, 0.5]
    torch.testing.assert_close(state["weights"].sum(dim=1), torch.ones(4))
    assert (state["weights"] >= 0).all()
    assert len(set(state["weights"].flatten().tolist())) == 12


def test_the_loss_by_hand() -> None:
    """Each of the first two has one neighbour, of weight 1, at the squared distance 2, and 5; D = 2."""
    method = Dos(start="initial")
    clustered = [2 / 2 + entropy([1, 2, 0], 1), 5 / 2 + entropy([0, 0, 0], 1)]
    plain = [entropy([1, 1, 0], 2), entropy([3, 1, 0], 0)]
    found = loss_of(method, state_of(method))
    assert found.item() == pytest.approx(np.mean(clustered + plain))
    drawn = loss_of(method, state_of(method) | {"lots": torch.tensor([0.51, 0.49, 0, 0])})
    assert drawn.item() == pytest.approx(np.mean([clustered[0], entropy([1, 2, 0], 1), *plain])), (
        "one is real"
    )
    warming_up = loss_of(Dos(start="initial", warm_up=0.6), state_of(method))
    assert warming_up.item() == pytest.approx(np.mean([entropy([2, 1, 0], 1), entropy([1, 2, 0], 1), *plain]))
    assert loss_of(method, {}).item() == pytest.approx(warming_up.item()), "no class is small"


# The first of the batch has two neighbours, (1, 2) and (3, 1), with the weights 1 : 3, as the third is missing
STATE = {
    "rows": torch.tensor([0, -1, -1, -1]),
    "embeddings": torch.tensor([[0.0, 0], [1, 2], [3, 1]]),
    "neighbours": torch.tensor([[1, 2, -1]]),
    "weights": torch.tensor([[0.1, 0.3, 0.6]] * 4),
    "real": torch.tensor([0.5]),
    "lots": torch.tensor([0.5, 0, 0, 0]),
}
WEIGHTED = np.array([0.25 * 2 / 2, 0.75 * 1 / 2])
SHARES = np.exp(-WEIGHTED) / np.exp(-WEIGHTED).sum()


def test_several_neighbours_share_the_loss() -> None:
    entropies = [entropy([1, 2, 0], 1), entropy([3, 1, 0], 1)]
    plain = entropy([1, 2, 0], 1) + entropy([1, 1, 0], 2) + entropy([3, 1, 0], 0)
    found = loss_of(Dos(start="initial", neighbors=3), STATE).item()
    assert found == pytest.approx((WEIGHTED.sum() + SHARES @ entropies + plain) / 4)


def test_features_learn_from_the_micro_cluster_alone_and_the_classifier_from_the_neighbours_alone() -> None:
    features, classifier = BATCH.clone().requires_grad_(), linear(CLASSIFIER.weight)
    loss = loss_of(Dos(start="initial", neighbors=3), STATE, features, classifier)
    of_features, of_weights = torch.autograd.grad(loss, [features, classifier.weight])
    # 2 w (f - v) / D, in a mean of four
    by_hand = 0.25 * torch.tensor([1.0, -1]) + 0.75 * torch.tensor([-1.0, 0])
    torch.testing.assert_close(of_features[0], by_hand / 4)
    seen = torch.cat([STATE["embeddings"][1:], BATCH[1:]])
    errors = CLASSIFIER(seen).softmax(dim=1) - torch.eye(3)[[1, 1, 1, 2, 0]]
    weights = torch.tensor([*SHARES, 1, 1, 1]).float()
    torch.testing.assert_close(of_weights, (weights[:, None] * errors).T @ seen / 4)


def test_networks_of_a_stack_lose_what_they_lose_alone() -> None:
    method = Dos(start="initial", neighbors=3)
    state, features = state_of(method), torch.stack([BATCH, BATCH + 1])
    targets = torch.from_numpy(LABELS)[:4].expand(2, 4)
    context = context_of(CLASSIFIER(features), torch.ones(2, 3), 0.5, features, state, CLASSIFIER)
    together = method.loss(CLASSIFIER(features), targets, context)
    torch.testing.assert_close(together, torch.stack([loss_of(method, state, own) for own in features]))
