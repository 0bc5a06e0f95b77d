"""Files that stand in for an array of images: the same choices, the same shapes, and nothing read."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imbalance.data import files
from imbalance.data.files import ImageFiles


@given(size=st.integers(1, 20), data=st.data())
def test_files_are_chosen_like_images(size: int, data: st.DataObject) -> None:
    positions = data.draw(
        st.lists(st.integers(0, size - 1)).map(lambda chosen: np.array(chosen, np.int64)) | st.slices(size)
    )
    images = np.arange(size)
    chosen = ImageFiles(np.array([b"%d" % number for number in images]), Path("elsewhere"))[positions]
    assert [chosen.path(at) for at in range(len(chosen))] == [
        Path("elsewhere", str(number)) for number in images[positions]
    ]
    assert chosen.shape == (len(images[positions]), 3, 224, 224)


def test_the_root_is_what_the_user_names_or_beside_the_folder_that_dvc_cleans(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for unset in (None, ""):
        monkeypatch.delenv(files.DATA_DIR, raising=False)
        if unset is not None:
            monkeypatch.setenv(files.DATA_DIR, unset)
        assert files.root(Path("data/raw/imagenet")) == Path("data/imagenet")
    monkeypatch.setenv(files.DATA_DIR, "~/ilsvrc")
    assert files.root(Path("data/raw/imagenet")) == Path.home() / "ilsvrc"
