"""Class sizes n = (6, 3, 1), and the batch of hand-made numbers with one example a class."""

import itertools
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from imbalance.errors import InputError
from imbalance.methods.baseline import Baseline
from imbalance.methods.mfe import Mfe
from imbalance.methods.parts.class_weights import ClassBalanced, Equal, Given, Inverse, Weights
from imbalance.methods.tau_normalisation import TauNormalisation
from tests.methods.contract import context_of
from tests.methods.hand_batch import LABELS, LOGITS, SIZES, loss

ENTROPIES = np.log([2, 4, 3])
N = np.array([6, 3, 1])
LONG_TAIL = torch.tensor([5000.0, 2997, 1796, 1077, 645, 387, 232, 139, 83, 50], dtype=torch.float64)
EVERY = [
    Equal(),
    *(
        Inverse(power=p, normalisation=n)
        for p in (0, 0.5, 1)
        for n in ("batch", "examples", "classes", "none")
    ),
    *(
        ClassBalanced(beta=b, normalisation=n)
        for b in (0, 0.5, 0.9999)
        for n in ("batch", "examples", "classes")
    ),
    *(Given(values={"a": 2, "b": 0.5, "c": 30}, normalisation=n) for n in ("batch", "examples", "classes")),
]


def weighted(weights: Weights, progress: float = 0.5) -> float:
    return loss(Baseline(start="initial", weights=weights), progress)


@pytest.mark.parametrize(
    ("normalisation", "expected"),
    [("batch", 1.117490), ("examples", 1.862483), ("none", 0.558745), ("classes", 1.117490)],
)
def test_scales_of_inverse_weights(normalisation: Any, expected: float) -> None:
    """With one example a class, weights that sum to C have the mean 1, as if divided by their sum."""
    assert weighted(Inverse(normalisation=normalisation)) == pytest.approx(expected, abs=1e-6)


def test_a_batch_with_two_examples_of_a_class_tells_the_scales_apart() -> None:
    logits, targets = LOGITS[[0, 0, 2]], torch.tensor([0, 0, 2])
    entropies, w = np.log([2, 2, 3]), np.array([1 / 6, 1 / 6, 1])
    context = context_of(logits, SIZES)
    expected = {
        "batch": (w * entropies).sum() / w.sum(),
        "examples": (w * 10 / 3 * entropies).mean(),  # N / C = 10 / 3
        "classes": (w * 2 * entropies).mean(),  # 1/6 + 1/3 + 1 = C / 2
        "none": (w * entropies).mean(),
    }
    for normalisation, value in expected.items():
        method = Baseline(start="initial", weights={"name": "inverse", "normalisation": normalisation})
        assert method.loss(logits, targets, context).item() == pytest.approx(value, abs=1e-12)


def test_smoothed_weights() -> None:
    w = 1 / np.sqrt(N)
    assert weighted(Inverse(power=0.5)) == pytest.approx((w * ENTROPIES).sum() / w.sum(), abs=1e-12)


def scaled(beta: float, sizes: Tensor, normalisation: str = "classes") -> list[float]:
    weights = ClassBalanced.model_validate({"beta": beta, "normalisation": normalisation})
    context = context_of(torch.zeros(1, len(sizes)), sizes)
    return list(weights.at(context).tolist())


def test_class_balanced_weights_of_cui() -> None:
    assert scaled(0.5, SIZES) == pytest.approx([0.732824, 0.824427, 1.442748], abs=1e-6)
    assert scaled(0.5, SIZES, "none") == pytest.approx([32 / 63, 4 / 7, 1])
    expected = [0.0506, 0.0769, 0.1211, 0.1950, 0.3188, 0.5246, 0.8683, 1.4426, 2.4092, 3.9927]
    assert scaled(0.9999, LONG_TAIL) == pytest.approx(expected, abs=1e-4)
    assert scaled(0, SIZES) == [1, 1, 1]
    assert weighted(ClassBalanced(beta=0.5, normalisation="classes")) == pytest.approx(1.078625, abs=1e-6)


@pytest.mark.parametrize("name", ["inverse", "class_balanced"])
@pytest.mark.parametrize("normalisation", ["examples", "classes", "none"])
def test_a_class_without_examples_changes_no_other_weight(name: str, normalisation: str) -> None:
    block = {"name": name, "normalisation": normalisation}
    weights = Baseline.model_validate({"start": "initial", "weights": block}).weights
    assert not isinstance(weights, Equal)
    with_none = torch.cat([SIZES, torch.zeros(1, dtype=torch.float64)])
    found = weights.at(context_of(torch.zeros(1, 4), with_none)).tolist()
    assert found == [*weights.at(context_of(torch.zeros(1, 3), SIZES)).tolist(), 0]


def test_deferred_weights_begin_at_their_fraction() -> None:
    weights = Inverse(normalisation="examples", after=0.8)
    assert weighted(weights, 0.79) == pytest.approx(weighted(Equal()), abs=1e-12)
    assert weighted(weights, 0.8) == pytest.approx(1.862483, abs=1e-6)


@pytest.mark.parametrize("weights", EVERY, ids=str)
@pytest.mark.parametrize("sizes", [(60.0, 30, 10), (1.0, 1, 1), (1e6, 1, 0)])
def test_weighted_losses_are_finite_alone_and_in_a_stack(weights: Weights, sizes: tuple[float, ...]) -> None:
    """For batches of one class, too, and where another has no examples."""
    method = Baseline(start="initial", weights=weights)
    logits = torch.tensor([[[50.0, 0, 0], [0, 0, 0]], [[0, -50, 50], [0, 0, 9]]], requires_grad=True)
    for targets in itertools.product((0, 1), repeat=4):
        labels = torch.tensor(targets).reshape(2, 2)
        context = context_of(logits, torch.tensor([sizes] * 2), 0.5)
        losses = method.loss(logits, labels, context)
        (gradient,) = torch.autograd.grad(losses.sum(), logits)
        assert losses.isfinite().all()
        assert gradient.isfinite().all()
        alone = [of_one(method, logits[k], labels[k], sizes) for k in (0, 1)]
        torch.testing.assert_close(losses, torch.stack(alone))


def of_one(method: Baseline, logits: Tensor, labels: Tensor, sizes: tuple[float, ...]) -> Tensor:
    return method.loss(logits, labels, context_of(logits, torch.tensor(sizes), 0.5))


def test_equal_weights_of_any_scale_are_the_plain_mean() -> None:
    for weights in (
        ClassBalanced(beta=0, normalisation="classes"),
        Inverse(power=0, normalisation="examples"),
    ):
        assert weighted(weights) == pytest.approx(ENTROPIES.mean(), abs=1e-12)


def test_what_has_no_losses_of_examples_takes_no_weights() -> None:
    for method, block in ((Mfe, {"start": "initial"}), (TauNormalisation, {"start": "baseline"})):
        with pytest.raises(
            ValueError, match=r"no losses of examples to weigh; drop `weights: \{name: inverse\}`"
        ):
            method.model_validate(block | {"weights": {"name": "inverse"}})


def test_labels_of_the_batch_are_those_of_the_weights() -> None:
    assert LABELS.tolist() == [0, 1, 2]


CLASSES = ("healthy", "benign", "tumour")


def test_weights_by_name_are_those_of_the_labels() -> None:
    """Whatever their order; a class that is not named weighs 1."""
    weights = Given(values={"tumour": 5, "healthy": 0.5}).for_classes(CLASSES)
    context = context_of(torch.zeros(1, 3), SIZES)
    assert weights.at(context).tolist() == [0.5, 1, 5]
    w = np.array([0.5, 1, 5])
    assert weighted(weights) == pytest.approx((w * ENTROPIES).sum() / w.sum(), abs=1e-12)
    assert weights.for_classes(CLASSES) == weights
    assert hash(weights) != hash(Given(values={"tumour": 5}).for_classes(CLASSES))
    assert Given.model_validate(weights.model_dump(mode="json")) == weights  # as a model file keeps it


def test_a_class_without_examples_has_no_weight_whatever_is_given() -> None:
    weights = Given(values={"tumour": 5}, normalisation="classes").for_classes(CLASSES)
    context = context_of(torch.zeros(1, 3), torch.tensor([6.0, 0, 1]))
    assert weights.at(context).tolist() == pytest.approx([2 / 6, 0, 10 / 6])


def test_a_name_that_is_no_class_is_refused_with_the_nearest() -> None:
    method = Baseline(start="initial", weights=Given(values={"tumor": 5}))
    with pytest.raises(InputError, match="`weights`: no class 'tumor'; did you mean 'tumour'"):
        method.for_classes(CLASSES)
    with pytest.raises(InputError, match="`weights` are of 1 classes, and there are 3"):
        weighted(method.weights)
