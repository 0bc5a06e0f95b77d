import numpy as np
import torch
from torch import nn

from imbalance.data.examples import Examples
from imbalance.methods.nearest_class_mean import NearestClassMean
from imbalance.methods.parts.classifiers import NormedLinear
from tests.methods.contract import Promise

PROMISES = [
    Promise(dict(start="baseline"), None),
]


def finished(training: Examples, classes: int) -> nn.Module:
    return NearestClassMean(start="baseline").finish(
        nn.Linear(2, classes), training, training, np.random.default_rng(0)
    )


def test_the_nearest_direction_decides() -> None:
    """Class 0 has the directions (1, 0) and (0, 1), of which the longer one counts no more."""
    training = Examples(torch.tensor([[9.0, 0], [0, 1], [3, 4]]), torch.tensor([0, 0, 1]))
    classifier = finished(training, 2)
    assert isinstance(classifier, NormedLinear)
    queries = torch.tensor([[1.0, 1], [0.6, 0.8], [300, 400], [1, 0]])
    root = 0.5**0.5
    expected = torch.tensor([[1, 1.4 * root], [1.4 * root, 1], [1.4 * root, 1], [root, 0.6]])
    torch.testing.assert_close(classifier(queries), expected)
    assert classifier(queries).argmax(dim=1).tolist() == [0, 1, 1, 0]


def test_a_class_without_examples_has_the_cosine_zero() -> None:
    training = Examples(torch.tensor([[1.0, 0], [1, 1]]), torch.tensor([0, 2]))
    scores = finished(training, 3)(torch.tensor([[2.0, 0]]))
    torch.testing.assert_close(scores, torch.tensor([[1, 0, 0.5**0.5]]))
