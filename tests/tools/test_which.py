"""make which: the command that it stands for, and what it refuses."""

from pathlib import Path

import pytest
import yaml
from dvc.utils.hydra import apply_overrides

from imbalance.errors import InputError
from tools.which import STUDY, command_for


def test_any_name_of_a_folder_arrives_in_the_parameters(tmp_path: Path) -> None:
    """By the function with which DVC itself writes a value of -S."""
    folder = tmp_path / 'my "own", images = x \\ ü'
    folder.mkdir()
    command = command_for(str(folder), ["replicates=16"])
    assert command[:4] == [
        "dvc",
        "exp",
        "run",
        "studies/which/dvc.yaml",
    ]
    assert command[-1] == f"{STUDY}/params.yaml:replicates=16"
    file, _, override = command[5].partition(":")
    assert file == f"{STUDY}/params.yaml"
    copy = tmp_path / "params.yaml"
    copy.write_text(Path(file).read_text(encoding="utf-8"), encoding="utf-8")
    apply_overrides(copy, [override])
    assert yaml.safe_load(copy.read_text(encoding="utf-8"))["image_folder"]["root"] == str(folder)


@pytest.mark.parametrize(("images", "said"), [("", "name the folder"), ("no/such/folder", "is no folder")])
def test_a_folder_is_needed(images: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        command_for(images)
