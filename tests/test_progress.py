import io
import re
import sys
import time

import pytest

from imbalance import progress
from imbalance.progress import Progress
from tools.bench_pipeline import stages


def training_of(line: str) -> int | None:
    started = (0.0, "Running stage 'train@focal':")
    return stages([started, (1.0, line)], 2.0)[1].training if " iterations in " in line else None


def test_a_log_gets_few_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "LINE_SECONDS", 0.2)
    log = io.StringIO()
    monkeypatch.setattr(sys, "stderr", log)
    done = 100
    with Progress("focal", 400, 64, lambda: done):
        done = 200
        time.sleep(0.5)
    *lines, last = log.getvalue().splitlines()
    assert 1 <= len(lines) <= 2
    for line in lines:
        found = re.fullmatch(r"focal: 200 of 400 iterations, (\d+) images/s, 00:0\d left", line)
        assert found, line
        assert 100 * 64 / 0.6 < int(found[1]) < 100 * 64 / 0.15, (
            "only what was done since it was entered counts"
        )
    assert training_of(last) == 0, "make bench reads this line"
    assert re.fullmatch(r"focal: 400 iterations in 00:0\d, \d+ images/s", last)


def test_a_terminal_gets_a_bar_with_the_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(progress, "BAR_SECONDS", 0.1)
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    with Progress("focal", 400, 64, lambda: 300):
        time.sleep(0.5)
    assert "300/400" in screen.getvalue()
    assert "images/s" in screen.getvalue()


def test_what_fails_is_not_said_to_be_done(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ZeroDivisionError), Progress("focal", 400, 64, lambda: 0):
        _ = 1 / 0
    assert "400 iterations in" not in capsys.readouterr().err
