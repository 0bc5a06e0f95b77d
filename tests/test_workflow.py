"""What runs on other machines calls targets that the Makefile has."""

import re
from pathlib import Path

import pytest
import yaml

TARGETS = set(re.findall(r"^([\w.-]+):", Path("Makefile").read_text(), re.MULTILINE))
WORKFLOW = yaml.safe_load(Path(".github/workflows/reproduce.yml").read_text())
COMMANDS = "\n".join(
    step["run"] for job in WORKFLOW["jobs"].values() for step in job["steps"] if "run" in step
)


@pytest.mark.parametrize("commands", [COMMANDS, Path(".ci/run").read_text()], ids=["workflow", ".ci/run"])
def test_every_make_target_exists(commands: str) -> None:
    called = re.findall(r"^make ([\w.-]+)", commands, re.MULTILINE)
    assert called == ["lint", "test", "test-long", "verify"]
    assert set(called) <= TARGETS


def test_packages_are_kept_by_the_lock_file_and_the_whole_history_is_there() -> None:
    steps = {
        step["uses"].split("@")[0]: step for step in WORKFLOW["jobs"]["reproduce"]["steps"] if "uses" in step
    }
    assert steps["actions/checkout"]["with"]["fetch-depth"] == 0
    python = steps["actions/setup-python"]["with"]
    assert (python["cache"], python["cache-dependency-path"]) == ("pip", "requirements.lock")
