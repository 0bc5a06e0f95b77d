"""What every method of the catalogue must keep; a method without a test file and promises fails."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from itertools import product
from typing import Any, Literal, get_args, get_origin

import numpy as np
import pytest
import torch
from torch import Tensor

from imbalance import catalogue, methods
from imbalance.data.examples import Examples, in_batches, split
from imbalance.methods import parse
from imbalance.methods.baseline import Baseline
from imbalance.methods.differential_evolution import DifferentialEvolution
from imbalance.methods.parts.classifiers import linear
from imbalance.methods.parts.losses import Context
from imbalance.methods.parts.samplers import Indices, Instance, Labels, Oversampling
from imbalance.networks import all_cnn, build, initialize
from imbalance.networks.parts.network import Network
from imbalance.training.devices import Precision, autocast
from imbalance.training.jobs import Job
from imbalance.training.loop import train
from tests.builders.training import recipe
from tests.methods.contract import EDGES, LABELS, Promise, context_of, training_of

NAMES = catalogue.names(methods)
PROMISES = [
    pytest.param(
        name, promise, id="-".join([name, *(f"{key}={value}" for key, value in promise.parameters.items())])
    )
    for name in NAMES
    if find_spec(f"tests.methods.test_{name}")
    for promise in import_module(f"tests.methods.test_{name}").PROMISES
]
each = pytest.mark.parametrize(("name", "promise"), PROMISES)


@pytest.mark.parametrize("name", NAMES)
def test_every_method_has_a_test_of_its_own_with_its_promises(name: str) -> None:
    assert find_spec(f"tests.methods.test_{name}"), f"write tests/methods/test_{name}.py"
    tests = import_module(f"tests.methods.test_{name}")
    assert tests.PROMISES
    assert [test for test in vars(tests) if test.startswith("test_")], "test it against numbers"


@each
def test_the_promised_class_histogram_reaches_the_loss(name: str, promise: Promise) -> None:
    method = method_of(name, promise).members()[0]
    seen: list[Tensor] = []

    class Recorded(type(method)):  # type: ignore[misc]
        def loss(self, logits: Tensor, targets: Tensor, context: Context) -> Tensor:
            seen.append(targets)
            loss: Tensor = super().loss(logits, targets, context)
            return loss

    batch, epochs = 10, promise.epochs
    total = round(sum(promise.epoch)) if promise.epoch else 0
    train_tiny(Recorded.model_validate(method.model_dump()), max(1, epochs * total // batch), batch)
    if promise.epoch is None:
        assert not seen, "a method that trains nothing computed a loss"
        return
    histogram = torch.cat(seen).bincount(minlength=3).numpy() / epochs
    assert histogram == pytest.approx(promise.epoch, rel=0.25 if promise.on_average else 0)
    first_epoch = torch.cat(seen)[:total]
    assert (first_epoch.diff() != 0).sum() > 10, "the epoch is not shuffled"


@each
def test_epochs_are_seeded(name: str, promise: Promise) -> None:
    def epochs(seed: int) -> list[list[int]]:
        method = method_of(name, promise).members()[0]
        stream = method.epochs(LABELS, np.random.default_rng(seed), training_of(6))
        return [next(stream).tolist() for _ in range(3)]

    assert epochs(1) == epochs(1)
    assert epochs(1) != epochs(2)
    assert epochs(1)[0] != epochs(1)[1]


@each
def test_the_network_is_asked_only_by_methods_that_say_so(name: str, promise: Promise) -> None:
    asked = []

    def validate() -> tuple[Labels, Labels]:
        asked.append(True)
        return LABELS, LABELS

    def features(positions: Indices) -> Tensor:
        asked.append(True)
        return torch.ones(len(positions), 2)

    for method in method_of(name, promise).members():
        asked.clear()
        training = training_of(decisions=validate, features=features)
        epochs = method.epochs(LABELS, np.random.default_rng(0), training)
        for _ in range(3):
            next(epochs)
        method.refresh(method.state(3), LABELS, np.random.default_rng(0), training)
        assert bool(asked) == method.asks_the_network


@each
def test_members_wait_for_each_other_only_where_the_method_says_so(name: str, promise: Promise) -> None:
    method = method_of(name, promise)
    network, images = tiny()
    left = method.remaining(images, [network])
    assert method.remaining(images, []).labels.equal(images.labels)
    assert (len(left.labels) < len(images.labels)) == method.is_sequential
    assert len(method.members()) > 1 or not method.is_sequential


@each
@pytest.mark.parametrize("progress", [0, 0.99])
def test_loss_and_gradient_are_finite_even_for_confident_errors(
    name: str, promise: Promise, progress: float
) -> None:
    method = method_of(name, promise)
    logits = torch.tensor([[50.0, 0, 0], [0, 0, 0], [0, -50, 50]], requires_grad=True)
    # also where a class has no examples
    context = context_of(logits, torch.tensor([60.0, 30, 0]), progress, state=method.state(3))
    loss = method.loss(logits, torch.tensor([1, 1, 0]), context)
    loss.backward()  # type: ignore[no-untyped-call]
    assert loss.isfinite()
    assert logits.grad is not None
    assert logits.grad.isfinite().all()
    assert logits.grad.any()


def at_the_edges(name: str) -> Iterator[Baseline]:
    """The method with every combination of its choices and of the `EDGES` of its hyper-parameters."""
    block: dict[str, Any] = {"method": name, "start": "baseline", "validation": 0.1}
    values: dict[str, tuple[object, ...]] = {}
    for key, field in type(parse(block)).model_fields.items():
        if get_origin(field.annotation) is Literal:
            values[key] = get_args(field.annotation)
        elif key in EDGES:
            values[key] = EDGES[key] + ((None,) if type(None) in get_args(field.annotation) else ())
    for combination in product(*values.values()):
        yield parse(block | dict(zip(values, combination, strict=True)))


def assert_finite(loss: Tensor, *inputs: Tensor) -> None:
    """The loss and its gradients with respect to the inputs."""
    assert loss.isfinite().all()
    for gradient in torch.autograd.grad(loss.sum(), inputs):
        assert gradient.isfinite().all()


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_loss_and_gradient_are_finite_at_the_edges(name: str, dtype: torch.dtype) -> None:
    """For p = 0 and p = 1, for all logits from -1e4 to 1e4, whatever class is missing in batch or training.

    Batches of one example, of one class, of one example a class, and of many, as networks of one stack.
    """
    values = torch.tensor([-1e4, -90, -1e-3, 0, 15, 1e4])
    rows = torch.cartesian_prod(values, values, values)
    everything = rows.repeat(3, 1), torch.arange(3).repeat_interleave(len(rows))
    for method, progress in product(at_the_edges(name), (0, 0.99)):
        for members in (1, len(rows), 3 * len(rows), 3):
            logits = everything[0].reshape(members, -1, 3).to(dtype).requires_grad_()
            targets = everything[1].reshape(members, -1)
            if members == len(rows):
                targets = torch.arange(3).repeat(members, 1)
            for sizes in ((60, 30, 10), (1, 1, 1), (10**6, 1, 0)):
                # no batch has an example of a class that the training set has none of
                seen = targets.clamp(max=len(sizes) - 1 - sizes.count(0))
                context = context_of(
                    logits, torch.tensor([sizes] * members).float(), progress, state=method.state(3)
                )
                assert_finite(method.loss(logits, seen, context), logits)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("name", NAMES)
def test_the_classifier_is_finite_at_the_edges(name: str, precision: Precision) -> None:
    """To train it and to predict with it: for features and class weights that are zero, equal, or large."""
    values = torch.tensor([-1e4, 0, 1e-3, 1e4])
    features = torch.cartesian_prod(values, values)
    training = Examples(features, torch.arange(len(features)) % 3)
    for method in at_the_edges(name):
        if isinstance(method, DifferentialEvolution):
            method = method.model_copy(update={"generations": 1})
        start = linear(torch.tensor([[0.0, 0], [3, 4], [-1e4, 1e-3]]))
        classifier = method.head(start, np.random.default_rng(0))
        inputs = features.to(torch.bfloat16 if precision == "bfloat16" else torch.float32, copy=True)
        with autocast(torch.device("cpu"), precision):
            logits = classifier(inputs.requires_grad_())
        assert_finite(logits, inputs, *classifier.parameters())
        finished = method.finish(classifier, training, training, np.random.default_rng(0))
        assert in_batches(finished, features).isfinite().all()


@pytest.mark.parametrize("label", [-1, 3])
@pytest.mark.parametrize("name", NAMES)
def test_a_label_that_is_no_class_is_an_error_and_not_a_loss_of_zero(name: str, label: int) -> None:
    logits = torch.zeros(2, 3)
    for method in at_the_edges(name):
        context = context_of(logits, torch.tensor([60.0, 30, 10]), 0.5, state=method.state(3))
        with pytest.raises((IndexError, RuntimeError)):
            method.loss(logits, torch.tensor([0, label]), context)


@pytest.mark.parametrize("name", NAMES)
def test_a_loss_that_makes_up_for_the_priors_says_so(name: str) -> None:
    """For the warning under balancing samplers: among equal logits, one example a class, it prefers a class."""
    logits = torch.zeros(3, 3, requires_grad=True)
    for method in at_the_edges(name):
        context = context_of(logits, torch.tensor([60.0, 30, 10]), 0.99, state=method.state(3))
        loss = method.loss(logits, torch.arange(3), context)
        (gradient,) = torch.autograd.grad(loss, logits)
        pushes = gradient.sum(dim=0)
        balancing = method.model_copy(update={"sampler": Oversampling()})
        assert pushes.max() - pushes.min() < 1e-6 or len(balancing.corrections) > 1
        assert len(method.corrections) < 2 or not isinstance(method.sampler, Instance)


@each
def test_the_loss_can_be_compiled_in_one_graph(name: str, promise: Promise) -> None:
    """As it is on GPUs; no `if` may depend on the values of tensors."""
    method = method_of(name, promise)
    torch._dynamo.reset()  # which compiles one function for few types only, but a process has one method
    loss = torch.compile(method.loss, fullgraph=True, dynamic=False, backend="eager")
    logits, targets = torch.randn(3, 16, 3), torch.randint(0, 3, (3, 16))
    losses = loss(logits, targets, context_of(logits, torch.ones(3, 3), 0.5, state=method.state(3)))
    assert losses.shape == (3,)


@each
@pytest.mark.parametrize("progress", [0, 0.99])
def test_a_network_alone_loses_what_it_loses_in_a_stack_of_three(
    name: str, promise: Promise, progress: float
) -> None:
    method = method_of(name, promise)
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(3, 16, 3, generator=generator, dtype=torch.float64)
    targets = torch.randint(0, 3, (3, 16), generator=generator)
    sizes = torch.tensor([[50.0, 20, 1], [1, 5, 50], [9, 9, 9]], dtype=torch.float64)
    state = method.state(3)
    together = method.loss(logits, targets, context_of(logits, sizes, progress, state=state))
    alone = [
        method.loss(logits[k], targets[k], context_of(logits[k], sizes[k], progress, state=state))
        for k in range(3)
    ]
    assert together.shape == (3,)
    torch.testing.assert_close(together, torch.stack(alone), rtol=1e-12, atol=1e-12)


@each
def test_training_repeats_to_the_bit_and_leaves_what_it_does_not_train(name: str, promise: Promise) -> None:
    method = method_of(name, promise).members()[0]
    first, again = (train_tiny(method, 12, 10) for _ in range(2))
    before, after = first.before, first.network.state_dict()
    assert all(tensor.equal(again.network.state_dict()[key]) for key, tensor in after.items())
    assert first.curve == again.curve
    kept = {key for key in before if key in after and before[key].equal(after[key])}
    features = {key for key in before if key.startswith("features")}
    assert (features & kept) == (set() if method.trains == "network" else features)
    assert "classifier.weight" not in kept or name == "differential_evolution"
    logits = in_batches(first.network, first.images.inputs)
    assert logits.shape == (100, 3)
    assert logits.isfinite().all()


@pytest.mark.parametrize("name", NAMES)
def test_a_classifier_of_convolutions_is_trained_unless_the_method_says_no(
    name: str, convolutional: Network
) -> None:
    method = method_of(name, import_module(f"tests.methods.test_{name}").PROMISES[0]).members()[0]
    if method.needs_linear_classifier:
        pytest.skip("imbalance/config refuses it")
    network = copy.deepcopy(convolutional)
    images = np.random.default_rng(0).normal(size=(len(LABELS), 1, 9, 9)).astype(np.float32)
    examples = Examples.from_arrays(images, LABELS)
    train_on(network, examples, method, 1, 10)
    assert in_batches(network, examples.inputs).shape == (100, 3)


@pytest.fixture(scope="module")
def convolutional() -> Network:
    """An All-CNN with random weights."""
    network = all_cnn.build((1, 9, 9), 3)
    all_cnn.initialize(network, np.random.default_rng(0))
    return network


def method_of(name: str, promise: Promise) -> Baseline:
    """The method with the promise's parameters."""
    return parse({"method": name, **promise.parameters})


def tiny() -> tuple[Network, Examples]:
    """A LeNet-5 with random weights, and 100 images of noise."""
    rng = np.random.default_rng(0)
    network = build("lenet5", (1, 16, 16), 3)
    initialize("lenet5", network, rng)
    images = rng.integers(0, 256, (len(LABELS), 1, 16, 16), dtype=np.uint8)
    return network, Examples.from_arrays(images, LABELS)


def train_on(
    network: Network,
    images: Examples,
    method: Baseline,
    iterations: int,
    batch: int,
) -> object:
    """Train as a replicate does; returns the curve."""
    training, validation = split(LABELS, method.validation, np.random.default_rng(1))
    parts = images.at(training), images.at(validation), images
    schedule = recipe(batch=batch)
    return train(Job(network, method, schedule, iterations, *parts, np.random.default_rng(2)))


@dataclass(frozen=True)
class Trained:
    """A tiny network after its training, its weights before, its images, and its curve."""

    network: Network
    before: dict[str, Tensor]
    images: Examples
    curve: object


def train_tiny(method: Baseline, iterations: int, batch: int) -> Trained:
    network, images = tiny()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    return Trained(network, before, images, train_on(network, images, method, iterations, batch))
