"""The cells of a study, and the sample of them that is trained again."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from imbalance.config import Study
from imbalance.config.starts import chain
from stages import paths
from tools.renewing import Lock

Code = tuple[str, str]  # a network, "" if the study has one, and a method


class Cell(NamedTuple):
    """A method at a condition, with the networks of all replicates, and the DVC stage that trains them."""

    stage: str
    condition: str
    method: str


def cells_of(lock: Lock, stages: Collection[str]) -> list[Cell]:
    """Return the cells in a study's dvc.lock that are among the `stages` of its pipeline.

    DVC keeps the stages of earlier parameters in a dvc.lock.
    """
    return [
        Cell(stage, Path(out["path"]).parent.name, Path(out["path"]).name)
        for stage, entry in lock["stages"].items()
        for out in entry.get("outs", [])
        if stage in stages and Path(out["path"]).is_relative_to(paths.PREDICTIONS)
    ]


def drawn_studies(folders: Sequence[Path], seed: str, number: int | None) -> list[Path]:
    """Return so many of the studies, drawn by a seed and their names, or all, in their order."""
    chosen = sorted(folders, key=lambda folder: place(folder.name, seed))[:number]
    return [folder for folder in folders if folder in chosen]


def drawn(
    cells: Iterable[Cell], study: Study, seed: str, count: int, small: bool, stale: Collection[str]
) -> list[Cell]:
    """Return some cells, of the cheapest if `small`, and one of each network and method with stale stages."""
    order = shuffled(cells, seed)
    some = (cheapest(order, study) if small else order)[:count]
    codes = dict.fromkeys(code_of(cell, study) for cell in order if cell.stage in stale)
    return some + to_cover(codes, order, some, study)


def code_of(cell: Cell, study: Study) -> Code:
    """Return the network and the method of a cell, whose code trains it."""
    return study.network_in(cell.condition), cell.method


def shuffled(cells: Iterable[Cell], seed: str) -> list[Cell]:
    """Return the cells in an order that depends on the seed and their names alone."""
    return sorted(cells, key=lambda cell: place(cell.stage, seed))


def place(name: str, seed: str) -> bytes:
    """Return the place of a name in an order that depends on the seed and the names alone."""
    return hashlib.sha256(f"{seed} {name}".encode()).digest()


def cheapest(cells: Sequence[Cell], study: Study) -> list[Cell]:
    """Return the cells of the least cost, in their order."""
    costs = [cost(cell, study) for cell in cells]
    return [cell for cell, own in zip(cells, costs, strict=True) if own == min(costs)]


def cost(cell: Cell, study: Study) -> float:
    """Return how many full schedules it takes to train one replicate of a cell and of all its starts."""
    params = study.at(cell.condition)
    return params.budget * sum(len(params.methods[key].members()) for key in trained(cell, study))


def trained(cell: Cell, study: Study) -> list[str]:
    """Return the methods that are trained for a cell: its own, the one that it starts from, and so on."""
    return chain(cell.method, study.at(cell.condition).methods)


def to_cover(
    codes: Collection[Code], cells: Sequence[Cell], drawn: Sequence[Cell], study: Study
) -> list[Cell]:
    """Return further cells, so that each method is trained by its network, as a cell or as the start of one.

    Of each it is the first in the order of `cells`; long chains come first, as they train several.
    """
    firsts = [next(cell for cell in cells if code_of(cell, study) == code) for code in codes]
    added: list[Cell] = []
    for cell in sorted(firsts, key=lambda cell: len(trained(cell, study)), reverse=True):
        others = [other for other in [*drawn, *added] if code_of(other, study)[0] == code_of(cell, study)[0]]
        if not any(cell.method in trained(other, study) for other in others):
            added.append(cell)
    return added
