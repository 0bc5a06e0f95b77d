"""Small recipes, examples, plans and subsets to train by."""

import dataclasses
from pathlib import Path

import numpy as np
import torch

from imbalance.data import arrays
from imbalance.data.examples import Examples
from imbalance.methods import parse
from imbalance.subsets.subset import Subset, draw
from imbalance.training.devices import Execution
from imbalance.training.outputs import Outputs
from imbalance.training.plan import Plan, Replicate, sharing
from imbalance.training.recipes import Recipe
from imbalance.training.replicate import train_replicate, train_together
from imbalance.training.search import Trial

# A search in which the test set and the held-out images choose differently.
TRIALS = [
    Trial(0.05, 0, "stuck", 0.99, 0.99),
    Trial(0.05, 1, "trained", 0.80, 0.95),
    Trial(0.005, 0, "trained", 0.90, 0.85),
    Trial(0.005, 1, "trained", 0.90, 0.70),
    Trial(0.0005, 0, "diverged", np.nan, np.nan),
]


def recipe(**changes: object) -> Recipe:
    """LeNet-5's, with changes of its fields or of its solver's."""
    solver = dict(name="caffe_sgd", momentum=0.9, weight_decay=0.0005, bias_lr=2)
    solver |= {key: changes.pop(key) for key in list(changes) if key in solver}
    lenet = dict(
        inputs=dict(name="scale", factor=1 / 256),
        batch=64,
        iterations=10_000,
        base_lr=0.01,
        policy=dict(name="inv", gamma=0.0001, power=0.75),
        solver=solver,
    )
    return Recipe.model_validate(lenet | changes)


def examples(seed: int, sizes: tuple[int, ...] = (40, 20, 8), side: int = 16) -> Examples:
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(3), sizes)
    images = rng.integers(0, 156, (len(labels), 1, side, side)) + 40 * labels[:, None, None, None]
    return Examples.from_arrays(images.astype(np.uint8), labels)


def subset(data: Path) -> Subset:
    labels = arrays.load(data / "raw").train_labels
    return draw(labels, np.array([100] * 5 + [10] * 5), np.random.default_rng(0))


def plan(data: Path, method: str, **recipe_changes: object) -> Plan:
    return Plan(
        method=parse({"method": method, "start": "initial"}),
        network="lenet5",
        recipe=recipe(**recipe_changes),
        budget=1,
        protocol="clean",
        validation=0.1,
        seed=0,
        execution=Execution(torch.device("cpu"), precision="float32", fleet=1, reproducible=True),
        data=data / "raw",
        start=data / "initial",
        out=data / "out",
    )


def only_replicate(plan: Plan, subset: Subset, folder: Path) -> tuple[Plan, Replicate]:
    """The plan with its outputs in a folder, and its replicate of one subset."""
    (only,) = plan.replicates([subset], folder / "checkpoints")
    return dataclasses.replace(plan, out=folder), only


def train_once(plan: Plan, subset: Subset, folder: Path) -> Outputs:
    """Train the plan's only replicate, with everything that it writes in a folder."""
    return train_replicate(*only_replicate(plan, subset, folder))


def train_fleets(plan: Plan, subsets: list[Subset], fleet: int, out: Path) -> list[Outputs]:
    """Train the plan's replicates in fleets, with everything that they write in `out`."""
    execution = dataclasses.replace(plan.execution, fleet=fleet)
    plan = dataclasses.replace(plan, execution=execution, out=out)
    return train_together(plan, sharing(plan.replicates(subsets, out / "checkpoints"), fleet))
