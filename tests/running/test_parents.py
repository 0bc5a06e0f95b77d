import os
import subprocess
import sys
import time

import pytest

SLEEP = "import sys, time; from imbalance.running.parents import die_with_parent; die_with_parent(int(sys.argv[1])); time.sleep({})"


def child(parent: int, seconds: float) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", SLEEP.format(seconds), str(parent)])


def test_a_process_outlives_nobody_but_lives_with_its_parent() -> None:
    assert child(os.getpid(), 1.2).wait(timeout=20) == 0


def test_one_whose_parent_is_gone_already_ends_at_once() -> None:
    """As a worker's is, when the stage is killed while the worker starts."""
    begun = time.monotonic()
    assert child(2**22 + 1, 60).wait(timeout=20) == 1  # beyond the largest number of a process
    assert time.monotonic() - begun < 10


def test_one_whose_parent_ends_later_ends_soon_after() -> None:
    starts = (
        "import os, subprocess, sys, time\n"
        f"subprocess.Popen([sys.executable, '-c', {SLEEP.format(60)!r}, str(os.getpid())])\n"
        "time.sleep(2)"
    )
    parent = subprocess.Popen([sys.executable, "-c", starts], stdout=subprocess.PIPE)
    try:
        parent.communicate(timeout=20)  # the pipe closes with the last process that has it
    except subprocess.TimeoutExpired:
        pytest.fail("it is left behind")
