"""What is answered for made images, of which it is known whether their imbalance hurts.

The truth is what the baseline gains on a twin: as many images, drawn likewise, of two classes of one size.
"""

import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

from imbalance.studies.advice import NOTABLE
from stages import advise, collect, download, evaluate, initialize, subset, train
from stages import list as listing
from tests.builders.own_images import SIDE, with_blob

pytestmark = pytest.mark.slow
WHICH = Path(__file__).parents[2] / "studies/which/params.yaml"
WEAK, STRONG = 27, 120  # the blob: hardly to be seen in the noise, and not to be overlooked


def studied(
    folder: Path, images: Path, replicates: int, monkeypatch: pytest.MonkeyPatch, *methods: str
) -> pd.Series:
    """Run the study `which`, or these methods of it, for 200 iterations; the baseline's balanced accuracy.

    In one process: DVC, and a process for each stage, would take most of the time.
    """
    params = yaml.safe_load(WHICH.read_text(encoding="utf-8"))
    params["image_folder"] |= {"root": str(images), "pixels": SIDE}
    params |= {"budget": 0.02, "replicates": replicates}
    params["methods"] = {key: params["methods"][key] for key in methods or params["methods"]}
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "1")  # starting workers would take longest
    folder.mkdir()
    (folder / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")
    monkeypatch.chdir(folder)
    for stage in (listing, download, subset, initialize):
        stage.main()
    for key in params["methods"]:
        monkeypatch.setattr(sys, "argv", ["train", key, "imbalance=natural"])
        train.main()
    monkeypatch.setattr(sys, "argv", ["evaluate", "imbalance=natural"])
    evaluate.main()
    collect.main()
    measures = pd.read_csv("plots/study/measures.csv").query("method == 'baseline' and rule == 'argmax'")
    return measures[measures["measure"] == "balanced_accuracy"]["value"]


@pytest.mark.parametrize(
    ("amplitude", "common", "rare", "replicates", "hurts", "answer"),
    [
        (WEAK, 2000, 200, 8, True, "For these images, use "),
        (STRONG, 2000, 200, 4, False, "For these images, do nothing: "),
        (WEAK, 80, 8, 4, True, "These images cannot tell "),  # as the first, but for their number
    ],
    ids=["hurts", "harmless", "few"],
)
def test_the_answer_is_the_truth_or_that_the_images_cannot_tell(
    *,
    amplitude: float,
    common: int,
    rare: int,
    replicates: int,
    hurts: bool,
    answer: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    images = with_blob(tmp_path / "images", amplitude, common=common, rare=rare)
    nothing = studied(tmp_path / "own", images, replicates, monkeypatch).mean()
    capsys.readouterr()
    advise.main()
    said = capsys.readouterr().out
    assert said.startswith(answer)
    if common > 1000:  # of few images, neither baseline has learnt anything
        even = (common + rare) // 2
        balanced = with_blob(tmp_path / "twin", amplitude, seed=1, common=even, rare=even)
        gain = studied(tmp_path / "balanced", balanced, replicates, monkeypatch, "baseline").mean() - nothing
        assert (gain > NOTABLE) == hurts, gain
