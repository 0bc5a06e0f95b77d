import numpy as np
import torch

from imbalance.data.examples import Examples
from imbalance.methods.smote import Smote
from tests.methods.contract import FILLED, Promise

PROMISES = [
    Promise(dict(start="initial"), FILLED),
]


def test_fills_every_class_with_byte_images() -> None:
    images = np.random.default_rng(0).integers(0, 256, (55, 1, 4, 4), dtype=np.uint8)
    examples = Examples.from_arrays(images, np.repeat([0, 1], [5, 50]))
    prepared = Smote(start="initial").prepare(examples, np.random.default_rng(0))
    assert torch.equal(prepared.inputs[:55], examples.inputs)
    assert prepared.labels.bincount().tolist() == [50, 50]
    assert prepared.inputs.dtype == torch.uint8
