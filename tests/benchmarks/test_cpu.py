"""`make bench`: what it counts and reads, by hand, and every variant with few iterations."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import yaml

from benchmarks.cpu import (
    VARIANTS,
    Timing,
    Variant,
    markdown,
    measure,
    pipeline_report,
    spread,
    training_report,
)
from benchmarks.cpu_loop import MATRIX, training_flop
from benchmarks.pipeline import Stage, cells_of, reproduce, seconds_of, stages
from imbalance import networks
from imbalance.errors import InputError
from tests.repository import publish_baseline

OUTPUT = [
    (2.0, "Running stage 'download':"),
    (2.0, "> python -m stages.download"),
    (5.5, "Running stage 'train@baseline':"),
    (40.0, "baseline: 3000 of 6000 iterations, 9000 images/s, 00:31 left"),
    (69.0, "baseline: 6000 iterations in 01:02, 6194 images/s"),
    (70.5, "Running stage 'evaluate':"),
]
STAGES = [
    Stage("(before the first)", 2.0, 0),
    Stage("download", 3.5, 0),
    Stage("train@baseline", 65.0, 62),
    Stage("evaluate", 9.5, 0),
]


def test_the_operations_of_lenet5_by_hand() -> None:
    first = 24 * 24 * 20 * (5 * 5 * 1)
    products = first + 8 * 8 * 50 * (5 * 5 * 20) + (4 * 4 * 50) * 500 + 500 * 10
    network = networks.build("lenet5", (1, 28, 28), 10)
    images = torch.zeros(64, 1, 28, 28, dtype=torch.uint8)
    assert training_flop(network, images) == 64 * 2 * (3 * products - first) == 843_648_000


def test_a_table() -> None:
    assert markdown("stage, seconds", [["a", "1"], ["b", "2"]]) == (
        "| stage | seconds |\n|---|---|\n| a | 1 |\n| b | 2 |\n"
    )


def test_median_and_range() -> None:
    assert spread([3, 1, 8], ".1f") == "3.0 (1.0 to 8.0)"
    assert spread([], ".1f") == ""


def test_ratios_are_taken_within_a_round() -> None:
    def timing(iterations: float, gflop: float) -> Timing:
        return Timing(iterations, gflop, busy=1, mib=500)

    rounds = [
        {key: timing(rate * slow, rate) for key, rate in zip("abcdem", (10, 20, 40, 10, 50, 80), strict=True)}
        for slow in (1.0, 0.5)
    ]
    lines = training_report(rounds).splitlines()
    assert lines[3].startswith("| b. ours, `reproducible: true` |")
    assert "| 5.4 (3.6 to 7.2) | 20 (20 to 20) | 25 (25 to 25) | 500 (500 to 500) |" in lines[3]
    assert "|  | 80 (80 to 80) | 100 (100 to 100) |" in lines[7]
    assert lines[-4:-1] == [
        "| b / a | 2.00 (2.00 to 2.00) | 2.00 | 1.7 | 2.5 |",
        "| c / a | 4.00 (4.00 to 4.00) | 4.00 | 2.5 | 4 |",
        "| e / a | 5.00 (5.00 to 5.00) | 5.00 | 2.5 | 4 |",
    ]


def test_the_seconds_of_each_stage_in_the_output_of_dvc() -> None:
    assert stages(OUTPUT, end=80.0) == STAGES


@pytest.mark.parametrize(("interval", "seconds"), [("00:07", 7), ("12:34", 754), ("1:00:01", 3601)])
def test_intervals(interval: str, seconds: int) -> None:
    assert seconds_of(interval) == seconds


def test_the_overhead_is_what_is_not_training() -> None:
    lines = pipeline_report(STAGES, 35).splitlines()
    assert lines[4] == "| train@baseline | 65.0 | 62 |"
    assert lines[6] == "| all | 80.0 | 62 |"
    assert lines[-1] == "Overhead, 1 - training / all: 22 % (bar: under 35 %)."  # 18 / 80


def test_of_a_study_the_condition_in_the_middle_is_timed() -> None:
    found = cells_of("mnist_step")
    keys = ["train@100-0.5-baseline", "train@100-0.5-oversampling", "train@100-0.5-undersampling"]
    keys += [
        "train_from_oversampling@100-0.5-two_phase_over",
        "train_from_undersampling@100-0.5-two_phase_under",
    ]
    assert found == [f"studies/mnist_step/dvc.yaml:{key}" for key in [*keys, "evaluate@100-0.5"]]


@pytest.mark.long
@pytest.mark.parametrize(
    "key", [key if key == "b" else pytest.param(key, marks=pytest.mark.slow) for key in VARIANTS]
)
def test_every_variant_runs(key: str) -> None:
    timing = measure(VARIANTS[key], warm_up=1, iterations=2)
    assert timing.iterations > 0
    assert 100 < timing.mib < 4000
    assert 0 < timing.busy <= VARIANTS[key].cores + 0.5
    flop = 2 * MATRIX**3 if key == "m" else 843_648_000
    assert timing.gflop * VARIANTS[key].cores == pytest.approx(timing.iterations * flop / 1e9)


def test_a_process_that_fails_is_named() -> None:
    with pytest.raises(InputError, match="the process of 'broken' failed"):
        measure(Variant("broken", "no such task", {}, 1, 1), warm_up=1, iterations=1)


@pytest.mark.slow
def test_the_stages_of_a_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish_baseline(tmp_path)
    monkeypatch.chdir(tmp_path)
    found = stages(*reproduce())
    ran = yaml.safe_load((tmp_path / "dvc.lock").read_text())["stages"]
    assert [stage.name for stage in found] == ["(before the first)", *ran]
    assert all(stage.seconds > 0 for stage in found)
    assert {stage.name for stage in found if stage.training} <= {"train@baseline"}


def test_outside_a_repository_it_says_so(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from benchmarks.pipeline import reproduce; reproduce()"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path.cwd()), "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)},
        capture_output=True,
        text=True,
    )
    assert re.search(r"InputError: `git clone .*` failed", done.stderr)
