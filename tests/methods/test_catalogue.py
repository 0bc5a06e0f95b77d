"""What every method of the catalogue must keep; a method that is not listed in `EXPECTED` fails."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import Tensor

from imbalance import catalogue, methods
from imbalance.methods import parse
from imbalance.methods.baseline import Baseline
from imbalance.networks import build, caffe_xavier
from imbalance.training import Examples, train
from tests.test_recipes import recipe

SIZES = (60, 30, 10)
LABELS = np.repeat(np.arange(3), SIZES)


@dataclass(frozen=True)
class Expected:
    """A block of `params.yaml`, and how many images of each class an epoch must hold."""

    block: dict[str, object]
    epoch: tuple[int, int, int]


EXPECTED = [
    Expected(dict(method="baseline", start="initial"), SIZES),
    Expected(dict(method="oversampling", start="initial"), (60, 60, 60)),
    Expected(dict(method="oversampling", start="initial", ratio=2), (60, 30, 30)),
    Expected(dict(method="undersampling", start="initial"), (10, 10, 10)),
    Expected(dict(method="undersampling", start="initial", ratio=2), (20, 20, 10)),
    Expected(dict(method="undersampling", start="initial", fresh=True), (10, 10, 10)),
    Expected(dict(method="two_phase", start="oversampling"), SIZES),
]
each = pytest.mark.parametrize(
    "expected", EXPECTED, ids=lambda expected: "-".join(map(str, expected.block.values()))
)


def test_every_method_is_listed_here() -> None:
    listed = {expected.block["method"] for expected in EXPECTED}
    assert listed == set(catalogue.names(methods))


@each
def test_the_promised_class_histogram_reaches_the_loss(expected: Expected) -> None:
    method = parse(expected.block)
    seen: list[Tensor] = []

    class Recorded(type(method)):  # type: ignore[misc]
        def loss(self, logits: Tensor, targets: Tensor) -> Tensor:
            seen.append(targets)
            loss: Tensor = super().loss(logits, targets)
            return loss

    batch, epochs = 10, 6
    iterations = epochs * sum(expected.epoch) // batch
    train_tiny(Recorded.model_validate(method.model_dump()), iterations, batch)
    assert torch.cat(seen).bincount(minlength=3).tolist() == [epochs * size for size in expected.epoch]
    first_epoch = torch.cat(seen)[: sum(expected.epoch)]
    assert first_epoch.bincount(minlength=3).tolist() == list(expected.epoch)
    assert (first_epoch.diff() != 0).sum() > 10, "the epoch is not shuffled"


@each
def test_epochs_are_seeded(expected: Expected) -> None:
    def epochs(seed: int) -> list[list[int]]:
        stream = parse(expected.block).epochs(LABELS, np.random.default_rng(seed))
        return [next(stream).tolist() for _ in range(3)]

    assert epochs(1) == epochs(1)
    assert epochs(1) != epochs(2)
    assert epochs(1)[0] != epochs(1)[1]


@each
def test_loss_and_gradient_are_finite_even_for_confident_errors(expected: Expected) -> None:
    logits = torch.tensor([[50.0, 0, 0], [0, 0, 0], [0, -50, 50]], requires_grad=True)
    loss = parse(expected.block).loss(logits, torch.tensor([1, 1, 0]))
    loss.backward()
    assert loss.isfinite()
    assert logits.grad is not None
    assert logits.grad.isfinite().all()
    assert logits.grad.any()


@each
def test_trains_what_it_says_and_leaves_the_rest_bit_identical(expected: Expected) -> None:
    method = parse(expected.block)
    before, after, _ = train_tiny(method, 5, 10)
    changed = {name.partition(".")[0] for name in before if not torch.equal(before[name], after[name])}
    assert changed == ({"classifier"} if method.trains == "classifier" else {"features", "classifier"})


@each
def test_training_repeats_to_the_bit(expected: Expected) -> None:
    (_, first, curve), (_, again, same_curve) = (train_tiny(parse(expected.block), 20, 10) for _ in range(2))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert curve == same_curve


def train_tiny(
    method: Baseline, iterations: int, batch: int
) -> tuple[dict[str, Tensor], dict[str, Tensor], object]:
    """The weights before and after training a LeNet-5 on 100 noise images, and its curve."""
    rng = np.random.default_rng(0)
    network = build("lenet5", (1, 16, 16), 3)
    caffe_xavier(network, rng)
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    images = rng.integers(0, 256, (len(LABELS), 1, 16, 16), dtype=np.uint8)
    examples = Examples.from_arrays(images, LABELS)
    curve = train(network, method, recipe(batch=batch), iterations, examples, examples, rng)
    return before, network.state_dict(), curve
