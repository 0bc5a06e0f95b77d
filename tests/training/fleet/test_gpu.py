"""On a GPU: the same networks, without waiting for it. Skipped where there is none."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from imbalance.reproducibility import arithmetic
from imbalance.training import devices
from imbalance.training.checkpoints import Checkpoint
from imbalance.training.devices import Precision
from imbalance.training.fleet import loop
from imbalance.training.fleet.stacking import Fleet
from imbalance.training.jobs import Job, prepare
from imbalance.training.loop import train
from tests.builders.networks import NAMES
from tests.training.fleet.examples import TRAINING, apart, jobs

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")


@pytest.fixture(autouse=True)
def as_in_a_stage() -> Iterator[None]:
    arithmetic.settle_torch()
    devices.settle("float32")
    torch._dynamo.reset()
    yield
    torch.use_deterministic_algorithms(False)
    devices.settle("float32")


def on_gpu(**settings: object) -> list[Job]:
    made = jobs(**settings)
    for job in made:
        job.network.cuda()
    return made


def distances(precision: Precision = "float32", **settings: object) -> list[float]:
    """How far apart a fleet on the GPU and the networks alone on the processor are in the end."""
    alone, together, starts = jobs(**settings), on_gpu(precision=precision, **settings), jobs(**settings)
    devices.settle(precision)
    loop.train(together)
    for job in alone:
        train(job)
    return [
        apart(own.network.cpu(), job.network, start.network)
        for own, job, start in zip(together, alone, starts, strict=True)
    ]


@pytest.mark.parametrize(("precision", "tolerance"), [("float32", 2e-3), ("tf32", 0.05), ("bfloat16", 0.15)])
@pytest.mark.parametrize("method", ["baseline", "oversampling", "focal", "two_phase"])
def test_a_hundred_iterations(method: str, precision: Precision, tolerance: float) -> None:
    assert max(distances(precision, method=method, iterations=100)) < tolerance


@pytest.mark.parametrize("method", TRAINING)
def test_every_method(method: str) -> None:
    assert max(distances(method=method, iterations=6)) < 1e-3


@pytest.mark.parametrize("rates", [(0.003,), (0.003, 0.001)], ids=["alone", "two"])
@pytest.mark.parametrize("network", NAMES)
def test_every_network(network: str, rates: tuple[float, ...]) -> None:
    assert max(distances(network=network, iterations=1, rates=rates)) < 0.05


@pytest.mark.parametrize(
    "changes", [dict(augmentation={"padding": 2, "mirror": True}), dict(iter_size=3)], ids=str
)
def test_every_part_of_a_recipe(changes: dict[str, object]) -> None:
    assert max(distances(iterations=10, **changes)) < 1e-3


def test_one_fleet_after_the_other() -> None:
    for method in ("baseline", "focal", "baseline"):
        assert max(distances(method=method, iterations=10)) < 1e-3


def test_a_network_alone() -> None:
    (alone, *_), (other, *_), (start, *_) = jobs(), on_gpu(), jobs()
    train(alone)
    train(other)
    assert apart(other.network.cpu(), alone.network, start.network) < 1e-4


@pytest.mark.parametrize("dropout", [0, 0.5])
@pytest.mark.parametrize("network", ["lenet5", "all_cnn", "small_cnn"])
def test_the_same_bytes_twice_and_no_waiting_within_a_block(network: str, dropout: float) -> None:
    def weights() -> list[torch.Tensor]:
        made = on_gpu(network=network, iterations=30)
        for layer in (layer for job in made for layer in job.network.modules()):
            if isinstance(layer, torch.nn.Dropout):
                layer.p = dropout
        courses = [course for job in made if (course := prepare(job))]
        run = loop.Run(courses, Fleet([course.model for course in courses]), {})
        run.advance(10)  # compiled and captured
        torch.cuda.set_sync_debug_mode("error")
        try:
            run.advance(30)
        finally:
            torch.cuda.set_sync_debug_mode("default")
        return list(run.state().values())

    for one, same in zip(weights(), weights(), strict=True):
        assert torch.equal(one, same)


def test_a_stopped_fleet_goes_on(tmp_path: Path) -> None:
    whole, broken = on_gpu(iterations=20), on_gpu(iterations=20)
    loop.train(whole)
    courses = [course for job in broken if (course := prepare(job))]
    run = loop.Run(courses, Fleet([course.model for course in courses]), {})
    run.advance(2)
    run.measure()
    checkpoint = Checkpoint(tmp_path / "0.safetensors")
    checkpoint.save(run.state())
    resumed = on_gpu(iterations=20)
    loop.train(resumed, checkpoint)
    for job, other, start in zip(whole, resumed, jobs(), strict=True):
        assert apart(job.network.cpu(), other.network.cpu(), start.network) < 1e-4
