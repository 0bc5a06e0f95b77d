"""Which cells of a study are drawn: by the commit, cheaply if wished, and so that methods are covered."""

from dataclasses import replace
from pathlib import Path

import pytest

from imbalance.config import Study, load_study
from tools.sampling import Cell, cells_of, cheapest, cost, drawn, drawn_studies, shuffled, to_cover, trained

CONDITIONS = ("rho=10,mu=0.5", "rho=100,mu=0.5")
METHODS = ("baseline", "oversampling", "two_phase_over", "undersampling", "two_phase_under")
CELLS = [Cell(f"train@{condition}-{key}", condition, key) for condition in CONDITIONS for key in METHODS]


@pytest.fixture(scope="module")
def study() -> Study:
    """Linear imbalance on MNIST, at two conditions, of which one has ten times the budget."""
    linear = load_study(Path("studies/mnist_linear/params.yaml"))
    params = linear.common
    budgets = dict(zip(CONDITIONS, (1.0, 0.1), strict=True))
    conditions = {name: params.model_copy(update={"budget": budget}) for name, budget in budgets.items()}
    return replace(linear, conditions=conditions, given={name: {} for name in conditions})


def test_cells_are_the_trainings_of_a_lock_that_the_pipeline_still_has() -> None:
    out = "data/predictions/rho=10,mu=0.5/baseline"
    lock = {
        "stages": {
            "code": {"outs": [{"path": "data/code"}]},
            "train@10-0.5-baseline": {"outs": [{"path": "models/rho=10,mu=0.5/baseline"}, {"path": out}]},
            "train_old@10-0.5-baseline": {"outs": [{"path": out}]},
            "evaluate@10-0.5": {"deps": [{"path": "data/predictions/rho=10,mu=0.5"}], "outs": []},
            "report": {"cmd": "has neither"},
        }
    }
    stages = {"code", "train@10-0.5-baseline", "evaluate@10-0.5", "report"}
    assert cells_of(lock, stages) == [Cell("train@10-0.5-baseline", "rho=10,mu=0.5", "baseline")]


def test_the_order_depends_on_the_seed_and_the_names_alone() -> None:
    order = shuffled(CELLS, "commit study")
    assert order == shuffled(reversed(CELLS), "commit study")
    assert sorted(order) == sorted(CELLS)
    firsts = {shuffled(CELLS, f"commit{number} study")[0] for number in range(200)}
    assert firsts == set(CELLS), "every cell is drawn at some commit"


def test_a_cell_costs_its_own_training_and_those_of_its_starts(study: Study) -> None:
    assert trained(CELLS[2], study) == ["two_phase_over", "oversampling"]
    assert [cost(cell, study) for cell in CELLS[:3]] == [1, 1, 2]
    assert cost(CELLS[7], study) == pytest.approx(0.2)
    assert cheapest(CELLS, study) == [CELLS[5], CELLS[6], CELLS[8]]


def test_every_member_of_an_ensemble_costs(study: Study) -> None:
    ensemble = load_study(Path("studies/fashion_catalogue/params.yaml")).common.methods["easy_ensemble"]
    params = study.at(CONDITIONS[0])
    several = params.model_copy(update={"methods": params.methods | {"ensemble": ensemble}})
    cell = Cell("train@ensemble", "", "ensemble")
    assert cost(cell, replace(study, conditions={"": several})) == 4


def test_methods_are_covered_by_few_further_cells(study: Study) -> None:
    assert to_cover([], CELLS, CELLS[:1], study) == []
    added = to_cover([("", method) for method in METHODS], CELLS, CELLS[5:6], study)
    assert added == [CELLS[2], CELLS[4]], "the baseline is drawn, and the samplers are trained as starts"
    assert to_cover([("", "oversampling")], CELLS, CELLS[7:8], study) == []


def test_a_method_is_covered_by_each_network_of_its_own() -> None:
    depth = load_study(Path("studies/depth/params.yaml"))
    cells = [Cell(f"train@{name}", name, "baseline") for name in depth.conditions]
    stale = {cell.stage for cell in cells if "resnet56" in cell.condition}
    for seed in "abcdefgh":
        sample = drawn(cells, depth, seed, 1, True, stale)
        assert any("resnet56" in cell.condition for cell in sample), "as another's code says nothing of it"
    codes = [("resnet32", "baseline"), ("resnet56", "baseline")]
    assert len(to_cover(codes, cells, cells[:1], depth)) == 2


def test_each_study_is_drawn_by_some_commit_and_the_same_ones_by_the_same() -> None:
    folders = [Path("studies") / name for name in "abcde"]
    assert drawn_studies(folders, "0", None) == folders
    of_commits = [drawn_studies(folders, str(commit), 2) for commit in range(50)]
    assert {len(drawn) for drawn in of_commits} == {2}
    assert {folder for drawn in of_commits for folder in drawn} == set(folders)
    assert drawn_studies(folders[::-1], "7", 2) == of_commits[7][::-1]
