"""Phase 2 trains the classifier alone, at a tenth of the rate, from t = 0."""

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from imbalance.data.examples import Examples, in_batches
from imbalance.methods.two_phase import TwoPhase
from imbalance.networks import build, initialize
from imbalance.training.jobs import Job, batches
from imbalance.training.loop import train
from tests.builders.networks import every_network
from tests.builders.training import recipe
from tests.methods.contract import SIZES, Promise, training_of

PROMISES = [
    Promise(dict(start="oversampling"), SIZES),
]


def test_starts_from_trained_networks_at_a_tenth_of_the_rate() -> None:
    assert TwoPhase(start="oversampling").lr_factor == 0.1
    with pytest.raises(ValidationError, match="needs trained features"):
        TwoPhase(start="initial")


def test_equals_training_the_whole_network_with_frozen_features() -> None:
    """Features computed once give what a forward pass through the frozen network in every iteration gives."""
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(3), (60, 30, 10))
    images = rng.integers(0, 256, (100, 1, 16, 16), dtype=np.uint8)
    examples = Examples.from_arrays(images, labels)
    network, reference = (build("lenet5", (1, 16, 16), 3) for _ in range(2))
    initialize("lenet5", network, rng)
    reference.load_state_dict(network.state_dict())
    method, schedule = TwoPhase(start="oversampling"), recipe(batch=10)
    nobody = examples.at(slice(0, 0))
    train(Job(network, method, schedule, 30, examples, nobody, examples, np.random.default_rng(1)))

    weight, bias = reference.classifier.weight, reference.classifier.bias
    history = {weight: torch.zeros_like(weight), bias: torch.zeros_like(bias)}
    epochs = method.epochs(labels, np.random.default_rng(1), training_of())
    for t, batch in enumerate(batches(epochs, 30, 10)):
        loss = torch.nn.functional.cross_entropy(reference(examples.inputs[batch]), examples.labels[batch])
        gradients = torch.autograd.grad(loss, [weight, bias])
        rate = 0.001 * (1 + 0.0001 * t * 10_000 / 30) ** -0.75
        with torch.no_grad():
            for parameter, gradient, multiplier in zip([weight, bias], gradients, (1, 2), strict=True):
                history[parameter] = 0.9 * history[parameter] + multiplier * rate * (
                    gradient + 0.0005 * parameter
                )
                parameter -= history[parameter]
    torch.testing.assert_close(in_batches(network, examples.inputs), in_batches(reference, examples.inputs))


@every_network
def test_features_and_their_running_statistics_stay_to_the_bit(name: str) -> None:
    network = build(name, (1, 16, 16), 3)
    initialize(name, network, np.random.default_rng(0))
    before = {key: tensor.clone() for key, tensor in network.state_dict().items()}
    images = np.random.default_rng(0).normal(size=(40, 1, 16, 16)).astype(np.float32)
    examples = Examples.from_arrays(images, np.arange(40) % 3)
    nobody, method = examples.at(slice(0, 0)), TwoPhase(start="oversampling")
    train(Job(network, method, recipe(batch=10), 2, examples, nobody, examples, np.random.default_rng(1)))
    changed = {key for key, tensor in network.state_dict().items() if not torch.equal(tensor, before[key])}
    assert changed == {key for key in before if key.startswith("classifier")}
