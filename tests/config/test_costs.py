"""A cost matrix suits the data set: refused with all other parameters, where its classes are known."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from imbalance.config import load_params
from imbalance.errors import InputError

OF_TWO = {"method": "cost_matrix", "start": "initial", "costs": [[0, 1], [5, 0]]}


def written(folder: Path, costs: Any = OF_TWO["costs"], **changes: Any) -> Path:
    raw = yaml.safe_load(Path("params.yaml").read_text()) | changes
    raw["methods"]["x"] = OF_TWO | {"costs": costs}
    path = folder / "params.yaml"
    path.write_text(yaml.safe_dump(raw))
    return path


def test_costs_for_two_classes_do_not_suit_ten(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        load_params(written(tmp_path))
    assert "methods.x: `costs` is a matrix for 2 classes, and the data set has 10; give" in str(refused.value)


def test_costs_for_two_classes_do_not_suit_three_counts(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        load_params(written(tmp_path, dataset="image_folder", imbalance="counts", counts=[50, 9, 5]))
    assert "methods.x: `costs` is a matrix for 2 classes, and the data set has 3; give" in str(refused.value)


@pytest.mark.parametrize("changes", [{}, {"imbalance": "counts", "counts": [50, 5]}])
def test_they_suit_a_folder_that_may_have_two_or_has(changes: dict[str, Any], tmp_path: Path) -> None:
    method = load_params(written(tmp_path, dataset="image_folder", **changes)).methods["x"]
    assert method.model_dump()["costs"] == ((0, 1), (5, 0))


def test_a_bad_cost_is_named_by_its_place(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        load_params(written(tmp_path, costs=[[0, -1], [5, 0]]))
    assert "methods.x.costs.0.1 = -1: input should be greater than or equal to 0." in str(refused.value)
    with pytest.raises(InputError) as refused:
        load_params(written(tmp_path, costs=[[0, 1], [5]]))
    assert "methods.x.costs: row 1 (from 0) has 1 costs, and there are 2 rows; give" in str(refused.value)
