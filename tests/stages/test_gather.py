"""Which studies claims can be judged by."""

from pathlib import Path

import pytest

from imbalance.errors import InputError
from stages import gather


def test_replicates_that_share_their_images_are_no_sample(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "links/spread"
    folder.mkdir(parents=True)
    (folder / "params.yaml").write_text("shared: subset\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="links/spread: its replicates share the training images"):
        gather.main("spread")
