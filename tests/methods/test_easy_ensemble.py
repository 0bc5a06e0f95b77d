import numpy as np
import torch

from imbalance.methods.easy_ensemble import EasyEnsemble
from imbalance.networks import build
from imbalance.networks.parts.network import Ensemble
from tests.methods.contract import Promise, training_of

PROMISES = [
    Promise(dict(start="initial"), (10, 10, 10)),
]

LABELS = np.repeat([0, 1, 2], [6, 3, 1])


def test_members_see_balanced_sets_that_together_cover_all() -> None:
    members = EasyEnsemble(start="initial", subsets=50).members()
    assert len(members) == 50
    epochs = [
        next(member.epochs(LABELS, np.random.default_rng(index), training_of()))
        for index, member in enumerate(members)
    ]
    assert all(np.bincount(LABELS[epoch]).tolist() == [1, 1, 1] for epoch in epochs)
    assert set(np.concatenate(epochs)) == set(range(10))


def test_probabilities_are_averaged_and_equal_members_are_one() -> None:
    first, second = (build("lenet5", (1, 16, 16), 3).eval() for _ in range(2))
    images = torch.randint(0, 256, (5, 1, 16, 16), dtype=torch.uint8)
    mean = (first(images).softmax(1) + second(images).softmax(1)) / 2
    torch.testing.assert_close(Ensemble([first, second])(images).softmax(1), mean)
    torch.testing.assert_close(Ensemble([first, first])(images), first(images).log_softmax(1))


def test_members_have_its_weights_and_its_sampler() -> None:
    weights = {"name": "inverse", "power": 0.5}
    ensemble = EasyEnsemble.model_validate({"start": "initial", "weights": weights})
    for member in ensemble.members():
        assert (member.weights, member.sampler) == (ensemble.weights, ensemble.sampler)
