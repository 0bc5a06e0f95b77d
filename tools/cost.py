"""What a study costs: its conditions, networks and stages, counted and not timed."""

from dataclasses import dataclass

import yaml

from imbalance.config import Params, Study
from imbalance.methods.baseline import Baseline
from stages import pipeline


@dataclass(frozen=True)
class Cost:
    """Numbers of conditions, training sets, cells, networks to train, and stages.

    A training set belongs to a condition and a replicate, a cell to a condition and a method. `whole` are the
    networks of which all is trained, `classifiers` those of which the classifier is, on frozen features.
    `iterations` are those of both; a recipe in epochs has none here, as they depend on the class sizes.
    """

    conditions: int
    training_sets: int
    cells: int
    whole: int
    classifiers: int
    iterations: int
    stages: int


def cost(study: Study) -> Cost:
    """Return the cost of a study; the networks include all candidates of a search."""
    cells = [(params, method) for params in study.conditions.values() for method in params.methods.values()]
    stages = yaml.safe_load(pipeline.text(study))["stages"].values()
    alone = sum("matrix" not in stage for stage in stages)
    return Cost(
        conditions=len(study.conditions),
        training_sets=sum(params.replicates for params in study.conditions.values()),
        cells=len(cells),
        whole=sum(_networks(*cell) for cell in cells if cell[1].trains == "network"),
        classifiers=sum(_networks(*cell) for cell in cells if cell[1].trains == "classifier"),
        iterations=sum(_networks(*cell) * _iterations(*cell) for cell in cells),
        stages=alone + len(cells) + len(study.conditions),
    )


def _networks(params: Params, method: Baseline) -> int:
    """Return the number of networks that a method trains at a condition."""
    candidates = len(params.recipe.base_lr) * params.recipe.repeats
    return params.replicates * candidates * len(method.members())


def _iterations(params: Params, method: Baseline) -> int:
    """Return the length of the training of one network, 0 if nothing is trained or if it is in epochs."""
    if method.trains == "nothing" or not params.recipe.iterations:
        return 0
    return params.recipe.iterations_within(params.budget, images=1)


def shown(study: Study) -> list[str]:
    """Return what a study is and costs, in sentences without an end."""
    cost_, common = cost(study), study.common
    beside = cost_.conditions - len(study.grid)
    dimensions = _dimensions(study)
    length = f", {spaced(cost_.iterations)} iterations" if cost_.iterations else ""
    return [
        common.dataset if "network" in dimensions else f"{common.dataset}, {common.architecture}",
        *(f"{name}: {', '.join(map(str, values))}" for name, values in dimensions.items()),
        f"conditions: {len(study.grid)} in the grid, {beside} beside it",
        f"methods: {', '.join(common.methods)}",
        f"replicates: {common.replicates}, so {spaced(cost_.training_sets)} training sets",
        f"networks: {spaced(cost_.whole + cost_.classifiers)}, of {spaced(cost_.classifiers)} only the "
        f"classifier{length}",
        f"stages: {spaced(cost_.stages)}, of which {spaced(cost_.cells)} train",
    ]


def _dimensions(study: Study) -> dict[str, list[object]]:
    """Return the values of each dimension of the grid, in their order."""
    return {name: list(dict.fromkeys(given[name] for given in study.grid)) for name in study.dimensions}


def spaced(number: int) -> str:
    """Return a number with its digits in groups of three.

    >>> spaced(20250)
    '20 250'
    """
    return f"{number:,}".replace(",", " ")
