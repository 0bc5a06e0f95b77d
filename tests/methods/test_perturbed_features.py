import numpy as np
import torch

from imbalance.data.examples import Examples
from imbalance.methods.perturbed_features import PerturbedFeatures
from tests.methods.contract import FILLED, Promise

PROMISES = [
    Promise(dict(start="baseline"), FILLED),
]


def test_fills_every_class_up_to_the_largest() -> None:
    features = np.random.default_rng(0).normal(size=(550, 4)).astype(np.float32)
    examples = Examples.from_arrays(features, np.repeat([0, 1], [50, 500]))
    prepared = PerturbedFeatures(start="baseline").prepare(examples, np.random.default_rng(0))
    assert torch.equal(prepared.inputs[:550], examples.inputs)
    assert prepared.labels.bincount().tolist() == [500, 500]
