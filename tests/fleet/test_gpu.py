"""On a GPU: the same networks, without waiting for it. Skipped where there is none."""

import pytest
import torch

from imbalance import devices
from imbalance.devices import Precision
from imbalance.fleet import training
from imbalance.fleet.stacking import Fleet
from imbalance.jobs import Job, prepare
from imbalance.training import train
from tests.fleet.examples import apart, jobs

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")


def on_gpu(**settings: object) -> list[Job]:
    made = jobs(**settings)
    for job in made:
        job.network.cuda()
    return made


@pytest.mark.parametrize(("precision", "tolerance"), [("float32", 2e-3), ("tf32", 0.05), ("bfloat16", 0.15)])
@pytest.mark.parametrize("method", ["baseline", "oversampling", "focal", "two_phase"])
def test_a_fleet_on_a_gpu_is_the_networks_on_a_processor(
    method: str, precision: Precision, tolerance: float
) -> None:
    settings = dict(method=method, iterations=100)
    alone, together, starts = jobs(**settings), on_gpu(precision=precision, **settings), jobs(**settings)
    devices.settle(precision)
    training.train(together)
    for job, own, start in zip(alone, together, starts, strict=True):
        train(job)
        assert apart(own.network.cpu(), job.network, start.network) < tolerance


def test_a_network_alone_on_a_gpu_is_the_network_on_a_processor() -> None:
    (alone, *_), (other, *_), (start, *_) = jobs(), on_gpu(), jobs()
    devices.settle("float32")
    train(alone)
    train(other)
    assert apart(other.network.cpu(), alone.network, start.network) < 1e-4


@pytest.mark.parametrize("network", ["lenet5", "all_cnn", "small_cnn"])
def test_the_same_bytes_twice_and_no_waiting_within_a_block(network: str) -> None:
    def weights() -> list[torch.Tensor]:
        courses = [course for job in on_gpu(network=network, iterations=30) if (course := prepare(job))]
        run = training.Run(courses, Fleet([course.model for course in courses]), {})
        run.advance(10)  # compiled and captured
        torch.cuda.set_sync_debug_mode("error")
        try:
            run.advance(30)
        finally:
            torch.cuda.set_sync_debug_mode("default")
        return [tensor.cpu() for tensor in run.state().values()]

    for one, same in zip(weights(), weights(), strict=True):
        assert torch.equal(one, same)
