"""One's own images through the real DVC: what it notices, and what it leaves alone."""

import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from tests.builders.data import fill
from tests.repository import copy_of_working_tree, dvc_in

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with two classes of own images, and `dataset: image_folder`."""
    folder = tmp_path_factory.mktemp("clone")
    copy_of_working_tree(folder)
    fill(folder / "data" / "images", {"a": 4, "b": 3})
    fill(folder / "outside", {".": 2})
    (folder / "data" / "images" / "a" / "link.png").symlink_to(folder / "outside" / "00.png")
    choose(folder, dataset="image_folder")
    return folder


def choose(folder: Path, **changes: Any) -> None:
    """Change parameters; a mapping changes those that it names."""
    path = folder / "params.yaml"
    params = yaml.safe_load(path.read_text())
    for key, value in changes.items():
        params[key] = params[key] | value if isinstance(value, dict) else value
    path.write_text(yaml.safe_dump(params))


def executed(folder: Path) -> list[str]:
    """The stages that bringing the data up to date runs, but for `code`, which any change of parameters runs."""
    done = dvc_in(folder)("repro", "download")
    ran = re.findall(r"^Running stage '([^']+)'", done.stdout, re.MULTILINE)
    return [stage for stage in ran if stage != "code"]


def shape(folder: Path) -> tuple[int, ...]:
    return np.load(folder / "data" / "raw" / "image_folder" / "train_images.npy").shape


def test_the_number_of_pixels_changes_the_images(clone: Path) -> None:
    for pixels in (8, 6):  # DVC's run-cache ignores a parameter called `size`: it restored the first arrays
        choose(clone, image_folder={"pixels": pixels})
        executed(clone)
        assert shape(clone)[2:] == (pixels, pixels)


def test_an_image_that_changes_behind_a_link_is_read_again(clone: Path) -> None:
    executed(clone)
    shutil.copy(clone / "outside" / "01.png", clone / "outside" / "00.png")
    assert executed(clone) == ["list", "download"]


def test_a_link_to_a_folder_ends_the_run_with_one_sentence(clone: Path) -> None:
    link = clone / "data" / "images" / "c"
    link.symlink_to(clone / "outside")
    try:
        choose(clone, image_folder={"root": f"{clone}/data/images"})
        said = dvc_in(clone)("repro", "download", fails=True).stdout
    finally:
        link.unlink()
        choose(clone, image_folder={"root": "data/images"})
    assert f"error: {link} is a link to a folder, and DVC does not see what changes behind it;" in said
    assert "Traceback" not in said


def test_own_images_change_nothing_of_another_data_set(clone: Path) -> None:
    choose(clone, dataset="digits")
    assert executed(clone) == ["list", "download"]
    fill(clone / "data" / "images", {"b": 5})
    assert executed(clone) == ["list"]
