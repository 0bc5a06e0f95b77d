import numpy as np
import torch
from torch import nn

from imbalance.data.examples import Examples
from imbalance.methods.pseudo_features import PseudoFeatures
from tests.methods.contract import FILLED, Promise

PROMISES = [
    Promise(dict(start="baseline"), FILLED),
    Promise(dict(start="baseline", multiplier=2), (60, 60, 20)),
]


def test_fills_the_minority_and_draws_a_fresh_classifier() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], [500, 5000])
    features = Examples.from_arrays(rng.normal(size=(5500, 4)).astype(np.float32), labels)
    method = PseudoFeatures(start="baseline")
    prepared = method.prepare(features, rng)
    assert torch.equal(prepared.inputs[:5500], features.inputs)
    assert prepared.labels.bincount().tolist() == [5000, 5000]
    classifier = nn.Linear(4, 2)
    before = classifier.weight.clone()
    head = method.head(classifier, rng)
    assert torch.equal(classifier.weight, before)
    assert not torch.equal(head.weight, before)
    assert not head.bias.any()


def test_a_multiplier_of_one_makes_nothing() -> None:
    features = Examples.from_arrays(np.ones((11, 2), np.float32), np.repeat([0, 1], [1, 10]))
    prepared = PseudoFeatures(start="baseline", multiplier=1).prepare(features, np.random.default_rng(0))
    assert len(prepared.labels) == 11
