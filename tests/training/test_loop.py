import itertools
from collections.abc import Iterator, Mapping

import numpy as np
import pytest
import torch
from torch import Tensor

from imbalance.data.examples import Examples, in_batches
from imbalance.errors import InputError
from imbalance.methods.baseline import Baseline
from imbalance.methods.mixup import Mixup
from imbalance.methods.parts.losses import Context
from imbalance.methods.parts.mixing import Mix
from imbalance.methods.parts.samplers import Indices, Labels
from imbalance.methods.parts.training import Training
from imbalance.networks import build, initialize
from imbalance.training.jobs import Job, batches
from imbalance.training.loop import train
from tests.builders.training import recipe


def test_batches_follow_each_other_across_epochs_without_a_gap() -> None:
    epochs = itertools.cycle([np.array([0, 1, 2]), np.array([3, 4])])
    assert np.stack(list(batches(epochs, 4, 2))).tolist() == [[0, 1], [2, 3], [4, 0], [1, 2]]


def test_an_epoch_is_drawn_only_when_it_is_needed() -> None:
    def epochs() -> Iterator[Indices]:
        yield np.array([0, 1, 2, 3])
        raise AssertionError("a method that adapts would see the network too early")

    assert [batch.tolist() for batch in batches(epochs(), 2, 2)] == [[0, 1], [2, 3]]


NOBODY = Examples(torch.zeros(0, 1, 16, 16, dtype=torch.uint8), torch.zeros(0, dtype=torch.int64))


def separable(n: int, seed: int) -> Examples:
    """Two classes of 16x16 images that differ in brightness."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, n)
    images = rng.integers(0, 100, (n, 1, 16, 16)) + 100 * labels[:, None, None, None]
    return Examples.from_arrays(images.astype(np.uint8), labels)


def test_learns_and_its_curve_counts_every_batch_once() -> None:
    network = build("lenet5", (1, 16, 16), 2)
    initialize("lenet5", network, np.random.default_rng(0))
    training, test = separable(200, 0), separable(50, 1)
    curve = train(
        Job(
            network,
            Baseline(start="initial"),
            recipe(batch=20),
            100,
            training,
            NOBODY,
            test,
            np.random.default_rng(2),
        )
    )
    assert [point.iteration for point in curve] == list(range(10, 101, 10))
    assert curve[-1].train_accuracy == curve[-1].test_accuracy == 1
    assert curve[0].train_accuracy < 1
    assert torch.equal(in_batches(network, test.inputs).argmax(1), test.labels)


def test_dropout_comes_from_the_replicates_stream_alone() -> None:
    images = separable(40, 0)

    def weights(torchs: int, ours: int) -> torch.Tensor:
        torch.manual_seed(torchs)
        network = build("all_cnn", (1, 16, 16), 2)
        initialize("all_cnn", network, np.random.default_rng(0))
        schedule, rng = recipe(batch=40), np.random.default_rng(ours)  # all images in each batch
        train(Job(network, Baseline(start="initial"), schedule, 2, images, NOBODY, images, rng))
        return network.features[2].weight.detach()

    assert torch.equal(weights(0, ours=0), weights(1, ours=0))
    assert not torch.allclose(weights(0, ours=0), weights(0, ours=1), rtol=1e-4, atol=1e-7)


def test_dropout_is_drawn_anew_in_each_iteration() -> None:
    losses: list[float] = []

    class Recorded(Baseline):
        def loss(self, logits: Tensor, targets: Tensor, context: Context) -> Tensor:
            losses.append(super().loss(logits, targets, context).item())
            return super().loss(logits, targets, context)

    network = build("all_cnn", (1, 16, 16), 2)
    initialize("all_cnn", network, np.random.default_rng(0))
    alike = Examples(torch.ones(8, 1, 16, 16), torch.zeros(8, dtype=torch.int64))
    schedule, rng = recipe(batch=8, base_lr=1e-12), np.random.default_rng(0)  # the weights hardly change
    train(Job(network, Recorded(start="initial"), schedule, 5, alike, NOBODY, alike, rng))
    assert len(set(losses)) == 5


def test_losses_see_the_features_and_positions_of_their_examples() -> None:
    training = separable(40, 0)
    seen: list[int] = []

    class Checking(Baseline):
        def loss(self, logits: Tensor, targets: Tensor, context: Context) -> Tensor:
            assert torch.equal(context.classifier(context.features), logits)
            assert torch.equal(training.labels[context.positions], targets)
            seen.extend(context.positions.tolist())
            return super().loss(logits, targets, context)

    network = build("lenet5", (1, 16, 16), 2)
    rng = np.random.default_rng(0)
    train(Job(network, Checking(start="initial"), recipe(batch=8), 5, training, NOBODY, training, rng))
    assert sorted(seen) == list(range(40))


def test_images_are_mixed_as_the_input_layer_gives_them() -> None:
    """The features are those of the mixed floats, of the pairs and the share that the loss is told of."""
    training = separable(8, 0)
    mixes: list[Mix] = []

    class Checking(Mixup):
        def mix(self, batch: int, rng: np.random.Generator) -> Mix:
            mixes.append(super().mix(batch, rng))
            return mixes[-1]

        def loss(self, logits: Tensor, targets: Tensor, context: Context) -> Tensor:
            others, share = torch.from_numpy(mixes[-1].partners), mixes[-1].share
            images = training.tensor[context.positions] / 256
            blended = share * images + (1 - share) * images[others]
            torch.testing.assert_close(context.features, network.features[1:](blended))
            assert torch.equal(context.partners, targets[others])
            assert context.shares.item() == pytest.approx(share)
            return super().loss(logits, targets, context)

    network = build("lenet5", (1, 16, 16), 2)
    rng = np.random.default_rng(0)
    train(Job(network, Checking(start="initial"), recipe(batch=8), 2, training, NOBODY, training, rng))
    assert len({mix.share for mix in mixes}) == 2


def test_the_state_of_a_loss_is_renewed_before_each_epoch_by_the_network_as_it_is() -> None:
    """Five batches of eight, in two parts each, are an epoch of forty images."""
    images, validation = separable(40, 0), separable(9, 1)
    seen: list[float] = []

    class Counting(Baseline):
        def state(self, classes: int) -> dict[str, Tensor]:
            return {"epochs": torch.zeros(classes)}

        def refresh(
            self, state: Mapping[str, Tensor], labels: Labels, rng: np.random.Generator, training: Training
        ) -> dict[str, Tensor]:
            assert (training.iterations, training.batch) == (12, 8)
            decided, truth = training.decisions()
            assert decided.tolist() == in_batches(network, validation.inputs).argmax(dim=1).tolist()
            assert truth.tolist() == validation.labels.tolist()
            features = in_batches(network.features, images.inputs)
            torch.testing.assert_close(training.features(np.array([3, 1])), features[[3, 1]])
            assert network.training
            return {"epochs": state["epochs"] + 1}

        def loss(self, logits: Tensor, targets: Tensor, context: Context) -> Tensor:
            seen.append(context.state["epochs"][0].item())
            return super().loss(logits, targets, context)

    network = build("lenet5", (1, 16, 16), 2)
    schedule, rng = recipe(batch=4, iter_size=2), np.random.default_rng(0)
    train(Job(network, Counting(start="initial"), schedule, 12, images, validation, images, rng))
    assert seen == [1] * 10 + [2] * 10 + [3] * 4


def test_fewer_iterations_than_points_are_all_points() -> None:
    network = build("lenet5", (1, 16, 16), 2)
    curve = train(
        Job(
            network,
            Baseline(start="initial"),
            recipe(batch=4),
            3,
            separable(8, 0),
            NOBODY,
            separable(8, 1),
            np.random.default_rng(0),
        )
    )
    assert [point.iteration for point in curve] == [1, 2, 3]


def test_divergence_is_an_error_that_says_what_to_lower() -> None:
    network = build("lenet5", (1, 16, 16), 2)
    with pytest.raises(InputError, match=r"diverged .* lower base_lr \(1e\+09\)"):
        train(
            Job(
                network,
                Baseline(start="initial"),
                recipe(batch=20, base_lr=1e9),
                20,
                separable(50, 0),
                NOBODY,
                separable(50, 1),
                np.random.default_rng(0),
            )
        )


@pytest.mark.parametrize("label", [-1, 2])
def test_labels_that_are_no_class_are_refused_before_training(label: int) -> None:
    training = separable(20, 0)
    training.labels[[3, 5]] = label
    network = build("lenet5", (1, 16, 16), 2)
    job = Job(
        network, Baseline(start="initial"), recipe(), 1, training, NOBODY, training, np.random.default_rng(0)
    )
    with pytest.raises(InputError, match=rf"2 training examples have labels .* such as {label};.* 2 classes"):
        train(job)
