"""What every method of the catalogue must keep; a method that is not listed in `EXPECTED` fails."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from imbalance import catalogue, methods
from imbalance.examples import Examples, in_batches, split
from imbalance.losses import Context
from imbalance.methods import parse
from imbalance.methods.baseline import Baseline
from imbalance.networks import Network, build, caffe_xavier
from imbalance.training import train
from tests.test_recipes import recipe

SIZES = (60, 30, 10)
HELD_OUT = (6, 3, 1)
LABELS = np.repeat(np.arange(3), SIZES)


@dataclass(frozen=True)
class Expected:
    """A block of `params.yaml`; how many images of each class an epoch must hold, for sure or on average.

    None where nothing is trained.
    """

    block: dict[str, Any]
    epoch: tuple[float, ...] | None
    on_average: bool = False


FILLED = (60, 60, 60)
EXPECTED = [
    Expected({"method": "baseline", "start": "initial"}, SIZES),
    Expected({"method": "baseline", "start": "initial", "validation": 0.1}, (54, 27, 9)),
    Expected(
        {"method": "baseline", "start": "initial", "sampler": {"name": "power", "q": 0}}, (100 / 3,) * 3, True
    ),
    Expected({"method": "oversampling", "start": "initial"}, FILLED),
    Expected({"method": "oversampling", "start": "initial", "ratio": 2}, (60, 30, 30)),
    Expected({"method": "undersampling", "start": "initial"}, (10, 10, 10)),
    Expected({"method": "undersampling", "start": "initial", "ratio": 2}, (20, 20, 10)),
    Expected({"method": "undersampling", "start": "initial", "fresh": True}, (10, 10, 10)),
    Expected({"method": "two_phase", "start": "oversampling"}, SIZES),
    Expected({"method": "weighted_cross_entropy", "start": "initial"}, SIZES),
    Expected({"method": "focal", "start": "initial"}, SIZES),
    Expected({"method": "focal", "start": "initial", "sampler": {"name": "oversampling"}}, FILLED),
    Expected({"method": "focal", "start": "initial", "form": "sigmoid", "alpha": "inverse"}, SIZES),
    Expected({"method": "mfe", "start": "initial"}, SIZES),
    Expected({"method": "msfe", "start": "initial"}, SIZES),
    Expected({"method": "balanced_softmax", "start": "initial"}, SIZES),
    Expected({"method": "ldam", "start": "initial"}, SIZES),
    # a first epoch with all classes alike; later ones depend on what the network recognises
    Expected({"method": "dynamic_sampling", "start": "initial", "fused": False}, (30, 30, 30)),
    Expected({"method": "smote", "start": "initial"}, FILLED),
    Expected({"method": "pseudo_features", "start": "baseline"}, FILLED),
    Expected({"method": "pseudo_features", "start": "baseline", "multiplier": 2}, (60, 60, 20)),
    Expected({"method": "smote_features", "start": "baseline"}, FILLED),
    Expected({"method": "perturbed_features", "start": "baseline"}, FILLED),
    Expected({"method": "crt", "start": "baseline"}, (100 / 3,) * 3, True),
    Expected({"method": "tau_normalisation", "start": "baseline"}, None),
    Expected(
        {"method": "tau_normalisation", "start": "initial", "tau": None, "validation": 0.1}, (54, 27, 9)
    ),
    Expected({"method": "category_centers", "start": "baseline"}, None),
    Expected({"method": "differential_evolution", "start": "baseline", "generations": 2}, None),
    Expected({"method": "easy_ensemble", "start": "initial"}, (10, 10, 10)),
]
each = pytest.mark.parametrize(
    "expected", EXPECTED, ids=lambda expected: "-".join(map(str, expected.block.values()))
)


def test_every_method_is_listed_here_and_has_a_test_of_its_own() -> None:
    names = set(catalogue.names(methods))
    assert {expected.block["method"] for expected in EXPECTED} == names
    untested = {name for name in names if not Path(f"tests/methods/test_{name}.py").is_file()}
    assert not untested, "every method needs a test against numbers"


@each
def test_the_promised_class_histogram_reaches_the_loss(expected: Expected) -> None:
    method = parse(expected.block).members()[0]
    seen: list[Tensor] = []

    class Recorded(type(method)):  # type: ignore[misc]
        def loss(self, logits: Tensor, targets: Tensor, context: Context) -> Tensor:
            seen.append(targets)
            loss: Tensor = super().loss(logits, targets, context)
            return loss

    batch, epochs = 10, 1 if expected.block["method"] == "dynamic_sampling" else 6
    total = round(sum(expected.epoch)) if expected.epoch else 0
    train_tiny(Recorded.model_validate(method.model_dump()), max(1, epochs * total // batch), batch)
    if expected.epoch is None:
        assert not seen, "a method that trains nothing computed a loss"
        return
    histogram = torch.cat(seen).bincount(minlength=3).numpy() / epochs
    assert histogram == pytest.approx(expected.epoch, rel=0.25 if expected.on_average else 0)
    first_epoch = torch.cat(seen)[:total]
    assert (first_epoch.diff() != 0).sum() > 10, "the epoch is not shuffled"


@each
def test_epochs_are_seeded(expected: Expected) -> None:
    def epochs(seed: int) -> list[list[int]]:
        method = parse(expected.block).members()[0]
        stream = method.epochs(LABELS, np.random.default_rng(seed), lambda: (LABELS, LABELS))
        return [next(stream).tolist() for _ in range(3)]

    assert epochs(1) == epochs(1)
    assert epochs(1) != epochs(2)
    assert epochs(1)[0] != epochs(1)[1]


@each
@pytest.mark.parametrize("progress", [0, 0.99])
def test_loss_and_gradient_are_finite_even_for_confident_errors(expected: Expected, progress: float) -> None:
    logits = torch.tensor([[50.0, 0, 0], [0, 0, 0], [0, -50, 50]], requires_grad=True)
    context = Context(torch.tensor([60.0, 30, 0]), progress)  # also where a class has no examples
    loss = parse(expected.block).loss(logits, torch.tensor([1, 1, 0]), context)
    loss.backward()  # type: ignore[no-untyped-call]
    assert loss.isfinite()
    assert logits.grad is not None
    assert logits.grad.isfinite().all()
    assert logits.grad.any()


@each
@pytest.mark.parametrize("progress", [0, 0.99])
def test_a_network_alone_loses_what_it_loses_in_a_stack_of_three(expected: Expected, progress: float) -> None:
    method = parse(expected.block)
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(3, 16, 4, generator=generator, dtype=torch.float64)
    targets = torch.randint(0, 4, (3, 16), generator=generator)
    sizes = torch.tensor([[50.0, 20, 5, 1], [1, 5, 20, 50], [9, 9, 9, 9]], dtype=torch.float64)
    together = method.loss(logits, targets, Context(sizes, progress))
    alone = [method.loss(logits[k], targets[k], Context(sizes[k], progress)) for k in range(3)]
    assert together.shape == (3,)
    torch.testing.assert_close(together, torch.stack(alone), rtol=1e-12, atol=1e-12)


@each
def test_trains_what_it_says_and_leaves_the_rest_bit_identical(expected: Expected) -> None:
    method = parse(expected.block).members()[0]
    before, after, _ = train_tiny(method, 5, 10)
    kept = {name for name in before if name in after and torch.equal(before[name], after[name])}
    features = {name for name in before if name.startswith("features")}
    assert (features & kept) == (set() if method.trains == "network" else features)
    assert "classifier.weight" not in kept or expected.block["method"] == "differential_evolution"


@each
def test_training_repeats_to_the_bit(expected: Expected) -> None:
    method = parse(expected.block).members()[0]
    (_, first, curve), (_, again, same_curve) = (train_tiny(method, 20, 10) for _ in range(2))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert curve == same_curve


@each
def test_a_network_that_is_finished_classifies(expected: Expected) -> None:
    method = parse(expected.block).members()[0]
    network, images = tiny()
    train_on(network, images, method, 5, 10)
    logits = in_batches(network, images.inputs)
    assert logits.shape == (100, 3)
    assert logits.isfinite().all()


def tiny() -> tuple[Network, Examples]:
    """A LeNet-5 with random weights, and 100 images of noise."""
    rng = np.random.default_rng(0)
    network = build("lenet5", (1, 16, 16), 3)
    caffe_xavier(network, rng)
    images = rng.integers(0, 256, (len(LABELS), 1, 16, 16), dtype=np.uint8)
    return network, Examples.from_arrays(images, LABELS)


def train_on(network: Network, images: Examples, method: Baseline, iterations: int, batch: int) -> object:
    """Train as a replicate does; returns the curve."""
    training, validation = split(LABELS, method.validation, np.random.default_rng(1))
    parts = images.at(training), images.at(validation), images
    return train(network, method, recipe(batch=batch), iterations, *parts, np.random.default_rng(2))


def train_tiny(
    method: Baseline, iterations: int, batch: int
) -> tuple[dict[str, Tensor], dict[str, Tensor], object]:
    """The weights before and after training, and the curve."""
    network, images = tiny()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    curve = train_on(network, images, method, iterations, batch)
    return before, network.state_dict(), curve
