"""`make check`: the parameters are read before DVC reads them, by the real command line."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from imbalance.config import load_study
from imbalance.errors import InputError
from tests.builders.parameters import changed
from tests.builders.studies import text_of
from tools.check import check, main
from tools.studies import write


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tools.check", *arguments]
    return subprocess.run(
        command, env=os.environ | {"LC_ALL": "C.UTF-8"}, capture_output=True, text=True, check=False
    )


def test_right_files_are_said_to_be_right_and_what_they_are() -> None:
    done = run("params.yaml", "studies/mnist_linear/params.yaml")
    assert (done.returncode, done.stderr) == (0, "")
    names = ", ".join(yaml.safe_load(Path("params.yaml").read_text())["methods"])
    assert done.stdout == (
        f"params.yaml is valid: mnist, lenet5; methods: {names}; replicates: 6\n"
        "studies/mnist_linear/params.yaml is valid: mnist, lenet5; rho: 10, 100, 1000, 5000; "
        "conditions: 4 in the grid, 1 beside it; "
        "methods: baseline, oversampling, undersampling, two_phase_over, two_phase_under; "
        "replicates: 8, so 40 training sets; networks: 168, of 64 only the classifier, 168 000 iterations; "
        "stages: 32, of which 21 train; scales: smoke, small, full\n"
    )


def test_without_a_file_the_run_and_all_studies_are_checked(capsys: pytest.CaptureFixture[str]) -> None:
    main([])
    files = ["params.yaml", *map(str, sorted(Path("studies").glob("*/params.yaml")))]
    assert [line.partition(" is valid: ")[0] for line in capsys.readouterr().out.splitlines()] == files


def test_a_bad_scale_and_a_pipeline_of_other_parameters_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    scales = "{scales: {tiny: {rho: [5]}, huge: {rho: [9000]}}}"
    path.write_text(text_of(study=scales))
    with pytest.raises(InputError, match=f"there is no {tmp_path}/dvc.yaml; run `make studies`"):
        check(path)
    write(load_study(path), tmp_path)
    with pytest.raises(
        InputError, match=rf"{path} at scale huge is not valid:\n  - rho = 9000 leaves a class"
    ):
        check(path)
    path.write_text(text_of(study=scales, mu="0.5"))
    with pytest.raises(InputError, match=r"dvc\.yaml has other stages than params\.yaml asks for"):
        check(path)


def test_all_that_is_wrong_is_listed_without_a_traceback(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(changed("methods.x={method: basline, start: initial}").replace("tau: 0.5", "tau: -1"))
    done = run(str(path))
    assert (done.returncode, done.stdout) == (1, "")
    first, *problems = done.stderr.splitlines()
    assert first == f"error: {path} is not valid:"
    assert [line.partition(":")[0] for line in problems] == ["  - tau = -1", "  - methods.x"]


def test_a_name_that_is_not_utf_8_is_printed(tmp_path: Path) -> None:
    path = Path(os.fsdecode(bytes(tmp_path) + b"/params-\xff.yaml"))
    shutil.copy("params.yaml", path)
    done = run(str(path))
    assert (done.returncode, done.stderr) == (0, "")
    assert "params-\\udcff.yaml is valid" in done.stdout


def test_make_repro_checks_first() -> None:
    printed = subprocess.run(
        ["make", "--dry-run", "repro"], capture_output=True, text=True, check=True
    ).stdout
    commands = [line for line in printed.splitlines() if line.startswith(("python", "dvc"))]
    assert commands.index("python -m tools.check") < commands.index("dvc repro")
