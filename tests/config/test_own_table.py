"""The parameters of one's own table: what goes with it, and what does not."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from imbalance.config import load_params
from imbalance.errors import InputError

DEFAULT = yaml.safe_load(Path("params.yaml").read_text())
COLUMNS = DEFAULT["recipes"]["csv"]["mlp"]
NOISE = DEFAULT["methods"] | {"noise": {"method": "minority_noise", "start": "initial"}}


def load(folder: Path, **changes: Any) -> Any:
    path = folder / "params.yaml"
    path.write_text(yaml.safe_dump(DEFAULT | {"dataset": "csv"} | changes))
    return load_params(path)


def of_csv(**recipe: Any) -> dict[str, Any]:
    return DEFAULT["recipes"] | {"csv": {"mlp": COLUMNS | recipe}}


def test_a_table_has_its_network(tmp_path: Path) -> None:
    assert load(tmp_path).architecture == "mlp"


def test_a_run_on_images_needs_no_block_csv(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(yaml.safe_dump({key: value for key, value in DEFAULT.items() if key != "csv"}))
    assert load_params(path).csv is None


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"csv": None}, "csv is missing, which says where the table is"),
        ({"csv": DEFAULT["csv"] | {"file": "~/x.csv"}}, "DVC takes ~ for a folder"),
        ({"csv": DEFAULT["csv"] | {"lable": "x"}}, "no parameter 'lable'; did you mean 'label'"),
        ({"network": "lenet5", "recipes": {"csv": {"lenet5": COLUMNS}}}, "lenet5 takes images, no rows"),
        ({"recipes": of_csv(inputs={"name": "scale", "factor": 1})}, "scale is for images; write"),
        ({"recipes": of_csv(augmentation={"mirror": True})}, "moves and mirrors images; leave it out"),
        ({"methods": NOISE}, "methods.noise changes images, no rows of a table; drop"),
        ({"dataset": "mnist", "recipes": {"mnist": {"mlp": COLUMNS}}}, "columns are those of tables"),
    ],
)
def test_what_does_not_go_with_a_table(changes: dict[str, Any], problem: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=problem):
        load(tmp_path, **changes)
