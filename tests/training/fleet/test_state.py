"""A loss in a fleet sees the state of its method, as it does alone."""

import dataclasses

from imbalance.methods.cost_matrix import CostMatrix
from imbalance.training.fleet import loop
from imbalance.training.jobs import Job
from imbalance.training.loop import train
from tests.training.fleet.examples import apart, jobs


def costly() -> list[Job]:
    method = CostMatrix(start="initial", costs=((0, 1, 2), (5, 0, 3), (10, 4, 0)), cross_entropy=0)
    return [dataclasses.replace(job, method=method) for job in jobs(iterations=3)]


def test_given_costs_reach_the_loss_of_a_fleet() -> None:
    alone, together = costly()[:2], costly()[:2]
    for job in alone:
        train(job)
    loop.train(together)
    for own, other, start in zip(together, alone, jobs()[:2], strict=True):
        assert apart(own.network, other.network, start.network) < 1e-4
