"""New images by trained networks: the same decoding, the arithmetic of the rules, and what is refused."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.special import softmax

from imbalance import networks, prediction, weights
from imbalance.data import arrays
from imbalance.datasets import new_images
from imbalance.errors import InputError
from imbalance.networks.parts.network import Ensemble
from imbalance.prediction import Committee
from tests.builders.prediction import SIDE, made, pictures, train

SIZES = {"ant": 20, "bee": 20, "cat": 20}


@pytest.mark.parametrize(("method", "channels"), [("baseline", 1), ("easy_ensemble", 3), ("ldam", 3)])
def test_the_test_images_get_the_mean_of_the_stored_probabilities(
    method: str, channels: int, tmp_path: Path
) -> None:
    """Files, in colour or grey, are decoded as in training, and each kind of network is read."""
    for part, seed in (("train", 0), ("test", 1)):
        pictures(tmp_path / "images" / part, SIZES, channels=channels, seed=seed)
    logits = train(tmp_path, method)
    assert arrays.load(tmp_path / "raw").test_images.shape == (60, channels, SIDE, SIDE)
    committee = prediction.read(tmp_path / method)
    root = tmp_path / "images" / "test"
    paths = new_images.find(root, pytest.fail)
    assert [path.parts[0] for path in paths] == np.repeat([*SIZES], 20).tolist()  # in the order of the labels
    found = prediction.predict(committee, root, paths, "argmax", None)
    each = softmax(logits.astype(float), axis=2)
    np.testing.assert_allclose(found.probabilities, each.mean(axis=0), atol=1e-5)
    assert found.decided.tolist() == each.mean(axis=0).argmax(axis=1).tolist()
    assert found.disagreement.tolist() == (each.argmax(axis=2) != found.decided).mean(axis=0).tolist()
    assert np.ptp(found.probabilities, axis=0).min() > 0.001, "all images are alike to the networks"


def constant(*logits: float) -> networks.Network:
    """A network that gives every image the same logits."""
    network = networks.build("small_cnn", (1, SIDE, SIDE), len(logits))
    torch.nn.init.zeros_(network.classifier.weight)
    with torch.no_grad():
        network.classifier.bias.copy_(torch.tensor(logits))
    return network


@pytest.fixture
def committee(tmp_path: Path) -> Committee:
    """Networks that say 0.8, 0.2 and 0.6, 0.4, trained on 90 and 10, and on 60 and 40 images."""
    said = [constant(*np.log(p)) for p in ((0.8, 0.2), (0.6, 0.4))]
    return prediction.read(made(tmp_path / "models", said, [[90, 10], [60, 40]]))


def one(folder: Path, number: int, **said: object) -> None:
    """Replace a network by one with another provenance."""
    file = weights.path(folder, number)
    weights.save(weights.read(file), folder, number, weights.provenance(file) | said)


ONE = np.zeros((1, 1, SIDE, SIDE), np.uint8)


def test_each_network_is_corrected_by_its_own_class_sizes(committee: Committee) -> None:
    by_prior = committee.probabilities(ONE, "prior")
    # 0.8 / 0.9 : 0.2 / 0.1 = 4 : 9, and 0.6 / 0.6 : 0.4 / 0.4
    np.testing.assert_allclose(by_prior[:, 0], [[4 / 13, 9 / 13], [0.5, 0.5]], atol=1e-6)
    there = np.array([0.99, 0.01])
    by_deployment = committee.probabilities(ONE, "deployment", there)
    np.testing.assert_allclose(
        by_deployment[:, 0], [[4 * 99 / (4 * 99 + 9), 9 / (4 * 99 + 9)], [0.99, 0.01]], atol=1e-6
    )


def test_what_the_training_made_up_for_is_not_made_up_for_again(tmp_path: Path) -> None:
    models = made(tmp_path, [constant(*np.log((0.8, 0.2)))], [[90, 10]], "oversampling")
    committee = prediction.read(models)
    by_deployment = committee.probabilities(ONE, "deployment", np.array([0.9, 0.1]))
    np.testing.assert_allclose(by_deployment[0, 0], [72 / 74, 2 / 74], atol=1e-6)  # 0.8 * 0.9 : 0.2 * 0.1


def test_what_is_made_up_for_in_part_is_right_for_no_known_shares(tmp_path: Path) -> None:
    models = made(tmp_path, [constant(0, 0)], [[90, 10]], "undersampling")
    one(models, 0, method={"method": "undersampling", "start": "initial", "ratio": 3})
    committee = prediction.read(models)
    with pytest.raises(InputError, match="undersampling with ratio 3 made up for the class sizes in part"):
        committee.probabilities(ONE, "deployment", np.array([0.9, 0.1]))
    assert committee.probabilities(ONE, "argmax")[0, 0].tolist() == [0.5, 0.5]
    given = {"name": "given", "values": {"c1": 5}}
    one(models, 0, method={"method": "weighted_cross_entropy", "start": "initial", "weights": given})
    assert not prediction.read(models).known


@pytest.mark.parametrize(
    ("said", "in_full"),
    [
        ({"method": "baseline", "sampler": {"name": "oversampling"}}, True),
        ({"method": "baseline", "sampler": {"name": "oversampling", "ratio": 5}}, False),
        ({"method": "baseline", "sampler": {"name": "power", "q": 0.5}}, False),
        ({"method": "capped_sampling"}, False),
        ({"method": "deferred_resampling"}, True),
        (
            {"method": "deferred_resampling", "sampler": {"name": "deferred", "sampler": {"name": "capped"}}},
            False,
        ),
        ({"method": "crt", "start": "baseline"}, True),
        ({"method": "crt", "start": "baseline", "sampler": {"name": "power", "q": 0.5}}, False),
        ({"method": "balanced_softmax"}, True),
        ({"method": "balanced_softmax", "tau": 0.5}, False),
        ({"method": "weighted_cross_entropy", "sampler": {"name": "oversampling"}}, False),  # overshoots
        ({"method": "oversampling", "weights": {"name": "inverse"}}, False),
        ({"method": "one_sided_selection", "weights": {"name": "inverse"}}, False),
        ({"method": "minority_augmentation"}, True),
        ({"method": "minority_augmentation", "target": 30}, False),
    ],
    ids=str,
)
def test_what_a_sampler_or_a_loss_makes_up_for_depends_on_its_strength(
    said: dict[str, object], in_full: bool, tmp_path: Path
) -> None:
    models = made(tmp_path, [constant(0, 0)], [[90, 10]])
    one(models, 0, method={"start": "initial"} | said)
    committee = prediction.read(models)
    assert committee.evened
    assert committee.known == in_full


def test_disagreement_is_the_share_of_networks_that_decide_otherwise(tmp_path: Path) -> None:
    said = [constant(*np.log(p)) for p in ((0.9, 0.1), (0.4, 0.6), (0.45, 0.55), (0.8, 0.2))]
    committee = prediction.read(made(tmp_path / "models", said, [[5, 5]] * 4))
    root = pictures(tmp_path / "new", {"": 2}, channels=1)
    found = prediction.predict(committee, root, new_images.find(root, pytest.fail), "argmax", None)
    np.testing.assert_allclose(found.probabilities, [[0.6375, 0.3625]] * 2, atol=1e-6)
    assert found.decided.tolist() == [0, 0]
    assert found.disagreement.tolist() == [0.5, 0.5]


def test_folders_are_searched_and_other_files_named(tmp_path: Path) -> None:
    pictures(tmp_path, {"b": 1, "a/deep": 1, ".hidden": 1})
    (tmp_path / "b" / "notes.txt").write_text("none")
    notes: list[str] = []
    assert new_images.find(tmp_path, notes.append) == [Path("a/deep/00.png"), Path("b/00.png")]
    assert notes == ["note: passed over 1 files whose names do not end as images' do: 'b/notes.txt'"]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda models: [file.unlink() for file in models.iterdir()], "has no model files, such as 000"),
        (
            lambda models: one(models, 1, classes=["c0", "dog"]),
            "001.safetensors is of other classes than 000",
        ),
        (
            lambda models: made(
                models, [constant(0, 0), networks.build("lenet5", (1, SIDE, SIDE), 2)], [[1, 1]] * 2
            ),
            "001.safetensors is of other architecture than 000",
        ),
        (
            lambda models: one(models, 1, method={"method": "oversampling", "start": "initial"}),
            "001.safetensors was trained by another method, or with other parameters of it, than 000",
        ),
        (lambda models: weights.save(constant(0, 0), models, 0, {}), "does not say what it was trained on"),
        (lambda models: made(models, [networks.build("mlp", (7,), 2)] * 2, [[1, 1]] * 2), "rows of a table"),
        (
            lambda models: made(models, [networks.build("mlp", (1, 4, 5), 2)] * 2, [[1, 1]] * 2),
            "images of 1 channels, 4 x 5; only square ones",
        ),
        (lambda models: made(models, [constant(0, 0)] * 2, [[1, 1]] * 2, "gone"), "does not have as it was"),
        (lambda models: weights.path(models, 1).write_bytes(b"no"), "does not say how it came to be"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_networks_that_do_not_belong_together_are_refused(
    change: Callable[[Path], object], problem: str, tmp_path: Path
) -> None:
    models = made(tmp_path, [constant(0, 0)] * 2, [[1, 1]] * 2)
    change(models)
    with pytest.raises(InputError, match=problem) as refused:
        prediction.read(models)
    assert "\n" not in str(refused.value)


def test_a_class_without_training_images_cannot_be_divided_by_its_share(tmp_path: Path) -> None:
    committee = prediction.read(made(tmp_path / "models", [constant(0, 0)] * 2, [[9, 1], [10, 0]]))
    with pytest.raises(InputError, match=r"rule prior divides by .* 'c1' has no training image"):
        prediction.predict(committee, tmp_path, [], "prior", None)


def test_an_ensemble_is_one_network_of_the_committee(tmp_path: Path) -> None:
    members = [constant(*np.log(p)) for p in ((0.9, 0.1), (0.5, 0.5))]
    committee = prediction.read(made(tmp_path, [Ensemble(members)], [[5, 5]]))
    np.testing.assert_allclose(committee.probabilities(ONE, "argmax")[0, 0], [0.7, 0.3], atol=1e-6)
