"""The study on ImageNet, at its scale `smoke`, by the real DVC, on a folder like ILSVRC's that is made on the spot."""

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from tests.repository import copy_of_working_tree, dvc_in
from tools import ilsvrc

pytestmark = pytest.mark.slow

STUDY = "studies/imagenet"
METHODS = {"baseline", "oversampling", "undersampling"}


def test_it_reads_the_folder_trains_every_cell_and_writes_its_tables_and_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone, root = tmp_path / "clone", tmp_path / "ilsvrc"
    copy_of_working_tree(clone)
    ilsvrc.make(root)
    monkeypatch.setenv("IMBALANCE_DATA_DIR", str(root))

    def python(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, *words], cwd=clone, env=os.environ, capture_output=True, text=True
        )
        assert not done.returncode, done.stderr
        return done.stdout

    assert "networks: 8, of 0 only the classifier" in python("-m", "tools.scale", "imagenet", "smoke")
    said = dvc_in(clone)("repro", f"{STUDY}/dvc.yaml").stdout
    assert f"imagenet: 116 training and 20 test images from {root}" in said
    plots = clone / STUDY / "plots"
    measures = pd.read_csv(plots / "study/measures.csv")
    cells = measures[measures["measure"] == "auc"].groupby(["imbalance", "rho", "mu"])["method"].agg(set)
    assert cells.to_dict() == {("step", 2, 0.9): METHODS, ("natural", 1, 0.5): {"baseline"}}
    recall = pd.read_csv(plots / "tables/rho=2,mu=0.9/recall.csv")
    sizes = recall.pivot_table(index="class", columns="replicate", values="images")
    assert [sorted(own) for _, own in sizes.items()] == [[5] * 9 + [10]] * 2
    assert (sizes.loc[ilsvrc.SYNSETS[-1]] == 5).all(), "it has too few for the large one"
    assert {"convergence.png", "ranking.png"} <= {file.name for file in (plots / "figures").iterdir()}
    page = python("-c", "from tools.findings.page import page; print(page('imagenet'))")
    assert "Here, oversampling against baseline: " in page
