import numpy as np
import pytest
import torch
from scipy.special import log_softmax
from torch import nn

from imbalance.data.examples import Examples
from imbalance.methods.differential_evolution import DifferentialEvolution
from imbalance.methods.parts.held_out import g_mean, recalls
from tests.methods.contract import Promise

PROMISES = [
    Promise(dict(start="baseline", generations=2), None),
]

LABELS = np.repeat([0, 1], [50, 5])
# All majority at (.9, .1), all minority at (.7, .3): right for all only if c1 / c0 is between 7/3 and 9.
LOG_P = np.log(np.where(LABELS[:, None] == 1, [0.7, 0.3], [0.9, 0.1]))


@pytest.mark.parametrize("seed", range(5))
def test_reaches_the_best_g_mean_within_20_generations(seed: int) -> None:
    method = DifferentialEvolution(start="initial", generations=20)
    assert g_mean(LOG_P, LABELS) == 0
    costs = method.evolve(LOG_P, LABELS, np.array([50, 5]), np.random.default_rng(seed))
    assert g_mean(LOG_P + costs, LABELS) == 1
    assert 7 / 3 < np.exp(costs[1] - costs[0]) < 9
    assert (costs <= 0).all()


def test_a_class_without_a_held_out_image_keeps_its_cost() -> None:
    """Five classes, the last two with no image; their recall on new images stays, that of the others grows."""
    rng = np.random.default_rng(0)
    strengths = np.array([3, 1, 0, 0, 0])  # the first classes are overrated

    def draw(sizes: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
        labels = np.repeat(np.arange(5), sizes)
        logits = rng.normal(size=(len(labels), 5)) + 3 * np.eye(5)[labels] + strengths
        return log_softmax(logits, axis=1), labels

    held_out, test = draw((50, 50, 50, 0, 0)), draw((500,) * 5)
    method = DifferentialEvolution(start="initial", generations=30)
    costs = method.evolve(*held_out, np.array([450, 450, 450, 1, 1]), np.random.default_rng(1))
    assert costs[3:].tolist() == [0, 0]
    assert costs.max() == 0
    assert costs[0] < costs[1] < costs[2]
    before, after = recalls(test[0], test[1]), recalls(test[0] + costs, test[1])
    assert (after[3:] >= before[3:]).all()
    assert after[2] > before[2]
    assert (g_mean(test[0] + costs, test[1])) > g_mean(*test)


def test_costs_end_as_the_bias_of_the_classifier() -> None:
    classifier = nn.Linear(2, 2)
    with torch.no_grad():
        classifier.weight.copy_(torch.eye(2))
        classifier.bias.zero_()
    validation = Examples(torch.from_numpy(LOG_P).float(), torch.from_numpy(LABELS))
    method = DifferentialEvolution(start="initial")
    finished = method.finish(classifier, validation, validation, np.random.default_rng(0))
    decided = finished(validation.inputs).argmax(dim=1)
    assert decided.tolist() == LABELS.tolist()
    assert torch.equal(finished.weight, classifier.weight)
