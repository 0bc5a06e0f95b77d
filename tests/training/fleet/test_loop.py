"""A member of a fleet ends where its network ends alone, but for rounding.

Rounding grows: where two values are nearly equal, the larger one may be the other, and a ReLU or a maximum
passes another gradient on. So the tolerance, of the distance between the weights relative to how far they have
come (`apart`), is tight after few iterations and wide after many: 1e-4 after 3, and after 100, 2e-3 in float32
and 0.15 in bfloat16, whose own rounding moves a network by as much.
"""

import dataclasses
import gc
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from imbalance.errors import InputError
from imbalance.methods import parse
from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.losses import Context
from imbalance.training.checkpoints import Checkpoint
from imbalance.training.devices import Precision
from imbalance.training.fleet import loop
from imbalance.training.fleet.obstacles import obstacle
from imbalance.training.jobs import DivergedError, Job, prepare
from imbalance.training.loop import train
from tests.builders.networks import NETWORKS
from tests.training.fleet.examples import TRAINING, apart, jobs, network_of


def distances(network: str = "lenet5", **settings: object) -> list[float]:
    """How far apart the members of a fleet and the same networks alone are in the end; the curves agree."""
    alone, together = jobs(network=network, **settings), jobs(network=network, **settings)
    curves, outcomes = [train(job) for job in alone], loop.train(together)
    for curve, outcome in zip(curves, outcomes, strict=True):
        assert [point.iteration for point in outcome] == [point.iteration for point in curve]
        for ours, theirs in zip(outcome, curve, strict=True):
            assert ours.train_accuracy == pytest.approx(theirs.train_accuracy, abs=0.11)
            assert ours.test_accuracy == pytest.approx(theirs.test_accuracy, abs=0.11)
    starts = jobs(network=network, **settings)
    return [
        apart(own.network, other.network, start.network)
        for own, other, start in zip(together, alone, starts, strict=True)
    ]


@pytest.mark.parametrize("method", TRAINING)
def test_every_method(method: str) -> None:
    assert max(distances(method=method, iterations=3)) < 2e-4


def test_layers_that_require_no_gradient_stay() -> None:
    alone, together = jobs(iterations=3), jobs(iterations=3)
    for job in (*alone, *together):
        job.network.features[1].requires_grad_(False)
    for job in alone:
        train(job)
    loop.train(together)
    for own, other, start in zip(together, alone, jobs(), strict=True):
        for network in (own.network, other.network):
            assert torch.equal(network.features[1].weight, start.network.features[1].weight)
        assert apart(own.network, other.network, start.network) < 1e-4


@pytest.mark.parametrize(
    ("method", "precision", "tolerance"), [("oversampling", "float32", 2e-3), ("two_phase", "bfloat16", 0.15)]
)
def test_a_hundred_iterations(method: str, precision: Precision, tolerance: float) -> None:
    assert max(distances(method=method, iterations=100, precision=precision)) < tolerance


def test_bfloat16_moves_a_network_as_far_as_it_moves_a_fleet() -> None:
    exact, rounded, starts = (
        jobs(iterations=100, precision=each) for each in ("float32", "bfloat16", "float32")
    )
    for job in (*exact, *rounded):
        train(job)
    moved = [
        apart(one.network, other.network, start.network)
        for one, other, start in zip(rounded, exact, starts, strict=True)
    ]
    assert all(1e-3 < each < 0.15 for each in moved)


@pytest.mark.parametrize("network", NETWORKS)
def test_every_network(network: str) -> None:
    # fifty normalised layers amplify rounding; in doubles, gradients agree to 1e-6 (test_stacking.py)
    assert max(distances(network, iterations=1)) < 0.05


@pytest.mark.parametrize(
    "changes",
    [
        dict(augmentation={"padding": 2, "mirror": True}),
        dict(augmentation={"mirror": True}, iter_size=2),
        dict(iter_size=3),
        dict(method="mixup", augmentation={"padding": 2}, iter_size=2),
        dict(policy={"name": "multistep", "gamma": 0.1, "steps": [5000], "warmup": 2000}),
        dict(solver={"name": "sgd", "momentum": 0.9, "weight_decay": 0.01, "nesterov": True}),
    ],
    ids=str,
)
def test_every_part_of_a_recipe(changes: dict[str, object]) -> None:
    assert max(distances(iterations=10, **changes)) < 1e-3


def test_adam() -> None:
    # it divides by the root of the mean square, which for some weights is as small as rounding
    assert max(distances(iterations=3, solver={"name": "adam"}, rates=(1e-3, 1e-4))) < 1e-2


def test_more_iterations_than_a_block_has() -> None:
    assert max(distances(iterations=loop.BLOCK + 7, rates=(1e-3,) * 2)) < 2e-3


def test_the_features_that_two_phase_training_leaves_keep_their_bits() -> None:
    together, starts = jobs("two_phase", "small_cnn"), jobs("two_phase", "small_cnn")
    loop.train(together)
    for job, start in zip(together, starts, strict=True):
        for ours, theirs in zip(
            job.network.features.state_dict().values(),
            start.network.features.state_dict().values(),
            strict=True,
        ):
            assert torch.equal(ours, theirs)
        assert not torch.equal(job.network.classifier.weight, start.network.classifier.weight)


@pytest.mark.parametrize("changes", [{}, {"augmentation": {"padding": 2}}], ids=str)
def test_a_classifier_is_trained_on_features_that_dropout_or_augmentation_changes(
    changes: dict[str, object],
) -> None:
    def trained() -> list[Job]:
        made = jobs("two_phase", "all_cnn", iterations=2, rates=(0.003, 0.001), **changes)
        for job in made if not changes else ():
            job.network.features[1].p = 0.2
        loop.train(made)
        return made

    (one, *_), (same, *_), (start, *_) = trained(), trained(), jobs("two_phase", "all_cnn")
    changed = {
        key
        for key, tensor in one.network.state_dict().items()
        if not torch.equal(tensor, start.network.state_dict()[key])
    }
    assert changed == {key for key in one.network.state_dict() if key.startswith("classifier")}
    assert all(
        torch.equal(a, b) for a, b in zip(one.network.parameters(), same.network.parameters(), strict=True)
    )


def test_a_member_that_diverges_leaves_the_others_alone() -> None:
    together = jobs(rates=(0.003, 1e9, 0.001))
    outcomes = loop.train(together)
    assert isinstance(outcomes[1], DivergedError)
    assert "lower base_lr (1e+09)" in str(outcomes[1])
    quiet = jobs(rates=(0.003, 0.002, 0.001))
    loop.train(quiet)
    for member in (0, 2):
        assert not isinstance(outcomes[member], DivergedError)
        start = jobs()[member].network
        assert apart(together[member].network, quiet[member].network, start) < 1e-4


class StopError(Exception):
    """The power is cut."""


@pytest.mark.parametrize(
    ("method", "network"), [("baseline", "lenet5"), ("ldam", "lenet5"), ("baseline", "small_cnn")]
)
def test_a_stopped_fleet_goes_on_to_the_same_bytes(
    method: str, network: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "BLOCK", 4)
    settings = dict(method=method, network=network, augmentation={"padding": 1})
    whole, broken = jobs(**settings), jobs(**settings)
    expected = loop.train(whole)
    advance = loop.Run.advance

    def cut(run: loop.Run, end: int) -> None:
        if end > 10:
            raise StopError
        advance(run, end)

    checkpoint = Checkpoint(tmp_path / "0.safetensors", save_seconds=0)
    with monkeypatch.context() as stopping:
        stopping.setattr(loop.Run, "advance", cut)
        with pytest.raises(StopError):
            loop.train(broken, checkpoint)
    assert int(checkpoint.load()["counts"][0]) == 10
    torch.manual_seed(1)  # another process
    resumed = jobs(**settings)
    assert loop.train(resumed, checkpoint) == expected
    for job, other in zip(whole, resumed, strict=True):
        for key, tensor in job.network.state_dict().items():
            assert torch.equal(tensor, other.network.state_dict()[key]), key
    # and where it had ended already
    again = jobs(**settings)
    assert loop.train(again, checkpoint) == expected


def test_the_checkpoint_of_another_fleet_is_one_sentence(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "0.safetensors")
    loop.train(jobs(iterations=2), checkpoint)
    with pytest.raises(InputError, match="is the checkpoint of another network; delete it"):
        loop.train(jobs(iterations=2)[:2], checkpoint)


def test_what_finishes_a_method_draws_the_same_where_the_training_had_ended_already(tmp_path: Path) -> None:
    def costs() -> list[Tensor]:
        made = [dataclasses.replace(job, method=searching) for job in jobs(iterations=4)]
        loop.train(made, Checkpoint(tmp_path / "0.safetensors"))
        return [job.network.classifier.bias.detach() for job in made]

    searching = parse({"method": "differential_evolution", "start": "initial", "generations": 3})
    for one, same in zip(costs(), costs(), strict=True):
        assert torch.equal(one, same)


def test_nothing_of_a_fleet_stays_behind() -> None:
    """Its memory is wanted for the next one, at once, not when Python looks for cycles."""
    alive: list[weakref.ref[loop.Run]] = []

    class Watched(loop.Run):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            alive.append(weakref.ref(self))

    gc.disable()
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(loop, "Run", Watched)
            loop.train(jobs(iterations=3))
        assert [each() for each in alive] == [None]
    finally:
        gc.enable()


def test_dropout_does_not_repeat_and_comes_from_the_streams_of_the_fleet_alone() -> None:
    def weights(torchs: int) -> list[Tensor]:
        torch.manual_seed(torchs)
        made = jobs(network="all_cnn", iterations=2, rates=(0.003, 0.001))
        for job in made:
            job.network.features[1].p = 0.2
        loop.train(made)
        return [job.network.features[2].weight.detach() for job in made]

    assert all(torch.equal(one, other) for one, other in zip(weights(0), weights(1), strict=True))


def test_what_a_fleet_cannot_train_says_why() -> None:
    (job, *_) = jobs()
    assert obstacle(job) is None
    for name in ("dynamic_sampling", "cosen"):
        asking = dataclasses.replace(job, method=parse({"method": name, "start": "initial"}))
        assert obstacle(asking) == "the method asks the network during the training"
    strange = network_of(0)
    strange.features.append(nn.Tanh())
    assert "do not know the layer Tanh" in str(obstacle(dataclasses.replace(job, network=strange)))

    class Headed(Baseline):
        def head(self, classifier: nn.Module, rng: np.random.Generator) -> nn.Module:
            return nn.Bilinear(2, 2, 2)

    assert "do not know the layer Bilinear" in str(
        obstacle(dataclasses.replace(job, method=Headed(start="initial")))
    )


def test_losses_see_their_own_members_class_sizes_and_the_progress() -> None:
    seen: list[Context] = []

    class Recorded(Baseline):
        def loss(self, logits: Tensor, targets: Tensor, context: Context) -> Tensor:
            seen.append(
                dataclasses.replace(context, sizes=context.sizes.clone(), progress=context.progress.clone())
            )
            return super().loss(logits, targets, context)

    made = [dataclasses.replace(job, method=Recorded(start="initial")) for job in jobs(iterations=4)]
    loop.train(made)
    assert [context.progress.item() for context in seen] == [0, 0.25, 0.5, 0.75]
    assert all(context.sizes.tolist() == [[40, 20, 8], [41, 20, 8], [42, 20, 8]] for context in seen)


@pytest.mark.parametrize("trained_part", ["initial", "two_phase"])
def test_losses_see_the_features_and_positions_of_their_members(trained_part: str) -> None:
    made = jobs(trained_part if trained_part == "two_phase" else "baseline", iterations=2)
    seen: list[Context] = []

    class Recorded(type(made[0].method)):  # type: ignore[misc]
        def loss(self, logits: Tensor, targets: Tensor, context: Context) -> Tensor:
            labels = torch.stack(
                [job.training.labels[own] for job, own in zip(made, context.positions, strict=True)]
            )
            assert torch.equal(labels, targets)
            torch.testing.assert_close(context.classifier(context.features), logits)
            seen.append(context)
            if len(seen) == 1:  # the classifiers are still as they were
                expected = [
                    job.network.classifier(own) for job, own in zip(made, context.features, strict=True)
                ]
                torch.testing.assert_close(logits, torch.stack(expected))
            loss: Tensor = super().loss(logits, targets, context)
            return loss

    method = Recorded(start="baseline")
    loop.train([dataclasses.replace(job, method=method) for job in made])
    assert len(seen) == 2


def test_methods_that_train_nothing_only_finish() -> None:
    made = jobs("category_centers")
    assert loop.train(made) == [[], [], []]
    assert prepare(jobs("category_centers")[0]) is None
    assert all(type(job.network.classifier).__name__ == "NearestCenter" for job in made)
