"""Two runs at once in one repository: DVC's locks let one work, and nothing is damaged."""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml

from tests.repository import copy_of_working_tree, dvc_in

REFUSED = ("is busy, it is being blocked by", "Unable to acquire lock")


@pytest.mark.slow
def test_of_two_runs_at_once_one_is_refused_with_a_reason_and_nothing_is_damaged(tmp_path: Path) -> None:
    copy_of_working_tree(tmp_path)
    params = yaml.safe_load((tmp_path / "params.yaml").read_text())
    tiny = {"dataset": "digits", "rho": 10, "replicates": 2, "budget": 0.05}
    params |= tiny | {"methods": {key: params["methods"][key] for key in ("baseline", "oversampling")}}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params))
    command = ("dvc", "repro")

    def repro(_: int) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)

    with ThreadPoolExecutor() as pool:
        done = list(pool.map(repro, range(3)))
    refused = [each for each in done if each.returncode != 0]
    assert refused, "none was in another's way, so nothing was tested"
    for each in refused:
        assert any(reason in each.stderr for reason in REFUSED), each.stderr
        assert "Traceback" not in each.stderr
    dvc = dvc_in(tmp_path)
    dvc("repro")  # what they left, if they all were in each other's way
    assert "up to date" in dvc("status").stdout
    assert sorted(path.stem for path in (tmp_path / "metrics").iterdir()) == ["baseline", "oversampling"]
